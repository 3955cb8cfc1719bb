#include "post/video/yuv420.hpp"

#include <algorithm>
#include <initializer_list>

namespace retime {
namespace {

using Vector = std::unique_ptr<SwsVector, libav::ReleaseByValue<SwsVector, sws_freeVec>>;

Vector weights(std::initializer_list<double> values) {
  Vector vector(sws_allocVec(static_cast<int>(values.size())));
  std::copy(values.begin(), values.end(), vector->coeff);
  return vector;
}

}  // namespace

Yuv420Converter::Yuv420Converter(Size size) : scaler_(sws_alloc_context()) {
  constexpr int kPlain = 1 << 16;  // contrast and saturation, 16.16
  const auto set = [&](const char* name, int value) { av_opt_set_int(scaler_.get(), name, value, 0); };
  set("srcw", size.width);
  set("srch", size.height);
  set("src_format", AV_PIX_FMT_RGB24);
  set("dstw", size.width);
  set("dsth", size.height);
  set("dst_format", AV_PIX_FMT_YUV420P);
  // Every second pixel of every second row, after the filters. (SWS_AREA is the same but for the leftmost column.)
  set("sws_flags", SWS_POINT | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INP | SWS_BITEXACT);
  set("dst_h_chr_pos", 0);
  set("dst_v_chr_pos", 0);
  const int* matrix = sws_getCoefficients(SWS_CS_ITU709);
  sws_setColorspaceDetails(scaler_.get(), matrix, 1, matrix, 0, 0, kPlain, kPlain);
  const Vector along = weights({0.25, 0.5, 0.25}), down = weights({0.5, 0.5});
  SwsFilter filter{nullptr, nullptr, along.get(), down.get()};
  libav::check(sws_init_context(scaler_.get(), &filter, nullptr), "cannot convert frames of " + size_text(size),
               "give frames of even size");
}

void Yuv420Converter::operator()(const Image& rgb, AVFrame& yuv) const {
  const std::uint8_t* planes[] = {rgb.pixels.data()};
  const int strides[] = {static_cast<int>(rgb.stride())};
  sws_scale(scaler_.get(), planes, strides, 0, rgb.size.height, yuv.data, yuv.linesize);
}

}  // namespace retime
