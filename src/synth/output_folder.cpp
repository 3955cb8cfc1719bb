#include "synth/output_folder.hpp"

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "core/files.hpp"

namespace fs = std::filesystem;

namespace retime::synth {
namespace {

bool made_by_synth(const fs::path& folder) {
  std::ifstream in(folder / "truth/truth.json");
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  return text.find("\"program\": \"retime synth\"") != std::string::npos;
}

fs::path without_slash(const fs::path& path) { return path.has_filename() ? path : path.parent_path(); }

}  // namespace

OutputFolder::OutputFolder(const fs::path& path) : path_(without_slash(path)), temporary_(temporary_name(path_)) {
  const bool there = fs::exists(fs::symlink_status(path_));
  const bool replaceable = fs::is_directory(path_) && (fs::is_empty(path_) || made_by_synth(path_));
  if (there && !replaceable)
    throw Error(path_.string() +
                " was not made by retime synth (it has no truth/truth.json of this program): name "
                "another folder with --output");
  remove_stale_temporaries(path_);
  make_folder(temporary_);
}

OutputFolder::~OutputFolder() { remove_tree(temporary_); }

void OutputFolder::commit() {
  const fs::path old = temporary_.string() + std::string(kReplaced);
  std::error_code error;
  if (fs::exists(path_)) fs::rename(path_, old, error);
  if (!error) fs::rename(temporary_, path_, error);
  if (error) throw Error("cannot name the folder " + path_.string() + " (" + error.message() + "): check its rights");
  remove_tree(old);
}

}  // namespace retime::synth
