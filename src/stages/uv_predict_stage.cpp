#include "stages/uv_predict_stage.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/activity.hpp"
#include "core/error.hpp"
#include "core/files.hpp"
#include "core/log.hpp"
#include "core/progress.hpp"
#include "data/body/network_file.hpp"
#include "media/mat.hpp"
#include "media/picture.hpp"
#include "post/picture/body_picture.hpp"
#include "post/picture/contact_sheet.hpp"
#include "stages/body_input.hpp"

namespace fs = std::filesystem;

namespace retime {
namespace {

constexpr std::size_t kMostPeople = 254;  // whom a picture's alpha tells apart

// A folder that appears under its name when it is complete.
class NewFolder {
 public:
  explicit NewFolder(const fs::path& path) : path_(path.has_filename() ? path : path.parent_path()) {
    if (fs::exists(path_) && !(fs::is_directory(path_) && fs::is_empty(path_)))
      throw Error(path_.string() + " is there already: remove it, or name another folder with --output");
    make_folder(path_.has_parent_path() ? path_.parent_path() : fs::path("."));
    make_folder(temporary_ = temporary_name(path_));
  }
  ~NewFolder() { remove_tree(temporary_); }
  NewFolder(const NewFolder&) = delete;
  NewFolder& operator=(const NewFolder&) = delete;

  fs::path operator/(const fs::path& name) const { return temporary_ / name; }
  void commit() { sync_and_rename(temporary_, path_); }

 private:
  fs::path path_, temporary_;
};

std::unique_ptr<BodyNetwork> open_network_for(const std::string& option) {
  if (option != "auto") return std::make_unique<BodyNetwork>(option);
  const auto file = find_body_network();
  if (!file) throw Error(missing_body_network("--network"));
  return std::make_unique<BodyNetwork>(*file);
}

/// R = part * 10, G = U, B = V, A = 255 - person on the body, 0 elsewhere.
Image released_picture(const cv::Mat& iuv, int person) {
  Image result({iuv.cols, iuv.rows}, 4);
  cv::Mat target = as_mat(result);
  for (int y = 0; y < iuv.rows; ++y)
    for (int x = 0; x < iuv.cols; ++x) {
      const auto& [part, u, v] = iuv.at<cv::Vec3b>(y, x).val;
      if (part > 0)
        target.at<cv::Vec4b>(y, x) = {static_cast<uchar>(10 * part), u, v, static_cast<uchar>(255 - person)};
    }
  return result;
}

class BodyPainting {
 public:
  BodyPainting(const BodyInput& input, BodyNetwork& network, const NewFolder& folder)
      : input_(input), network_(network), folder_(folder) {
    for (const auto& name : input.people)
      for (const char* kind : {"iuv", "iuv_512"})
        if (kind == std::string("iuv") || input.training_size) make_folder(folder_ / kind / name);
  }

  /// Paints everybody in one frame; gives them in colours over `picture` (RGB).
  void paint(int frame, Image& picture) {
    for (std::size_t person = 0; person < input_.people.size(); ++person) {
      cv::Mat iuv = cv::Mat::zeros(input_.size.height, input_.size.width, CV_8UC3);
      const auto map = network_.map_of(input_.joints[person][static_cast<std::size_t>(frame)], input_.size);
      if (map) map->iuv.copyTo(iuv(map->box)), ++painted_;
      write(iuv, person, frame);
      paint_body_map(to_image(iuv), picture);
    }
  }
  int painted() const { return painted_; }

 private:
  void write(const cv::Mat& iuv, std::size_t person, int frame) const {
    const auto file = fs::path(input_.people[person]) / input_.pictures[static_cast<std::size_t>(frame)];
    const int id = static_cast<int>(person) + 1;
    if (!input_.training_size) return write_png(folder_ / "iuv" / file, released_picture(iuv, id));
    write_png(folder_ / "iuv_512" / file, released_picture(iuv, id));
    write_png(folder_ / "iuv" / file, released_picture(resized(iuv, *input_.training_size, cv::INTER_NEAREST), id));
  }

  const BodyInput& input_;
  BodyNetwork& network_;
  const NewFolder& folder_;
  int painted_ = 0;
};

void write_joints(const BodyInput& input, const NewFolder& folder) {
  nlohmann::json pictures, metadata, layers;
  for (std::size_t t = 0; t < input.pictures.size(); ++t) {
    auto& people = pictures[input.pictures[t]] = nlohmann::json::array();
    for (std::size_t i = 0; i < input.people.size(); ++i) {
      const std::vector<CocoJoints> one{input.joints[i][t]};
      if (crop_around(one[0])) people.push_back({{"idx", i + 1}, {"keypoints", joint_values(one)}});
    }
  }
  for (std::size_t i = 0; i < input.people.size(); ++i) layers.push_back({i + 1});
  metadata["alphapose_input_size"] = {input.size.width, input.size.height};
  metadata["people_layers"] = layers;
  write_text_file(folder / "keypoints.json", pictures.dump() + "\n");
  write_text_file(folder / "metadata.json", metadata.dump() + "\n");
}

}  // namespace

void uv_predict_stage(const fs::path& path, const fs::path& output, const UvPredictOptions& options) {
  const Phase phase("painting bodies", Patience::kLong);
  const BodyInput input = read_body_input(path, options.size);
  if (input.people.size() > kMostPeople)
    throw Error(fmt::format("{} has {} people (a picture tells {} apart): give fewer", path.string(),
                            input.people.size(), kMostPeople));
  const auto network = open_network_for(options.network);
  NewFolder folder(output);
  std::optional<SceneReader> scene;
  if (input.training_size) scene.emplace(path);
  BodyPainting painting(input, *network, folder);
  const int count = static_cast<int>(input.pictures.size());
  const auto shown = evenly_spread_frames(count);
  SheetRow row{"bodies", {}};
  SheetOptions sheet;
  Progress progress("bodies", "frames", count);
  for (int t = 0; t < count; ++t) {
    Image picture = scene ? scene->read_full(t) : Image(input.size, 3);
    painting.paint(t, picture);
    if (std::find(shown.begin(), shown.end(), t) != shown.end()) {
      row.tiles.push_back(std::move(picture));
      sheet.column_labels.push_back(std::to_string(t));
    }
    progress.update(t + 1);
  }
  write_joints(input, folder);
  write_png(folder / "overview.png", contact_sheet({row}, sheet));
  folder.commit();
  log_info(fmt::format("{}: {} people in {} frames, {} bodies painted; see overview.png", output.string(),
                       input.people.size(), count, painting.painted()));
}

}  // namespace retime
