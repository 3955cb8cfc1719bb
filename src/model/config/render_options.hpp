#pragma once

#include <string>

#include "core/options.hpp"
#include "ranks/device_choice.hpp"

namespace retime {

/// Where the norms of the upsampling network take their statistics, see `Upsampler`.
enum class UpsampleNorm { kFrozen, kInstance };
inline const Choices<UpsampleNorm> kUpsampleNorms{{"frozen", UpsampleNorm::kFrozen},
                                                  {"instance", UpsampleNorm::kInstance}};

/// The upsampling network ([0063], [0097]) and how it is trained, after the layers are fitted.
struct UpsampleOptions {
  int epochs = 0;  ///< 0: layers are enlarged bilinearly
  int width = 64;  ///< channels between its convolutions
  UpsampleNorm norm = UpsampleNorm::kFrozen;
  double residual_scale = 1;  ///< times the network's output; released code: 0.01
  int crop = 256;             ///< side of the windows it is trained on, in pixels of the full size
  int batch_frames = 4;       ///< frames in a step, over all ranks
  double learning_rate = 1e-3;
  bool decay = true;  ///< the learning rate falls along a half cosine to a tenth in the last epoch

  void add_to(OptionTable& table);
  /// Throws UsageError.
  void validate() const;
};

/// How the residual r = frame - composite is handed to the layers ([0064]).
enum class DetailTransfer {
  kNone,
  kBeside,     ///< to objects only; what remains is kept beside the layers, one plane a frame
  kExact,      ///< as `transfer_detail` says: compositing the layers gives the frame back
  kPublished,  ///< tau_i r to every layer, tau_i being what the layers in front of i let through
  kReleased,   ///< the same, but nothing to the background
};
inline const Choices<DetailTransfer> kDetailTransfers{{"beside", DetailTransfer::kBeside},
                                                      {"exact", DetailTransfer::kExact},
                                                      {"published", DetailTransfer::kPublished},
                                                      {"released", DetailTransfer::kReleased},
                                                      {"none", DetailTransfer::kNone}};

/// How layers are rendered from a fit. Kept with the fit, so that each reading of the method is rendered as it says.
struct RenderOptions {
  int block_frames = 16;
  double alpha_floor = 0.01;  ///< alphas closer than this to 0 or 1 become 0 or 1
  DetailTransfer detail = DetailTransfer::kBeside;
  int tile = 512;     ///< side of the tiles in which the upsampling network works, pixels
  std::string scene;  ///< instead of the scene that the run names; not kept, like those below
  DeviceChoice device = DeviceChoice::kAuto;
  bool show_progress = true;

  void add_to(OptionTable& table);
  void validate() const;
};

}  // namespace retime
