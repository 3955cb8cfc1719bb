#pragma once

#include <string>

#include "core/options.hpp"
#include "dist/device_choice.hpp"

namespace retime {

/// How the residual r = frame - composite is handed to the layers ([0064]).
enum class DetailTransfer {
  kNone,
  kExact,      ///< as `transfer_detail` says: compositing the layers gives the frame back
  kPublished,  ///< tau_i r to every layer, tau_i being what the layers in front of i let through
  kReleased,   ///< the same, but nothing to the background
};
inline const Choices<DetailTransfer> kDetailTransfers{{"exact", DetailTransfer::kExact},
                                                      {"published", DetailTransfer::kPublished},
                                                      {"released", DetailTransfer::kReleased},
                                                      {"none", DetailTransfer::kNone}};

/// How layers are rendered from a fit. Kept with the fit, so that each reading of the method is rendered as it says.
struct RenderOptions {
  int block_frames = 16;
  double alpha_floor = 0.01;  ///< alphas closer than this to 0 or 1 become 0 or 1
  DetailTransfer detail = DetailTransfer::kExact;
  int tile = 512;     ///< side of the tiles in which the upsampling network works, pixels
  std::string scene;  ///< instead of the scene that the run names; not kept, like those below
  DeviceChoice device = DeviceChoice::kAuto;
  bool show_progress = true;

  void add_to(OptionTable& table);
  void validate() const;
};

}  // namespace retime
