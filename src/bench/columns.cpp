#include "bench/columns.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>

#include "core/files.hpp"

namespace fs = std::filesystem;

namespace retime {
namespace {

template <class Number>
std::string number_text(Number value) {
  std::array<char, 64> text{};
  return {text.data(), std::to_chars(text.data(), text.data() + text.size(), value).ptr};
}

template <class Number>
bool read_number(const std::string& text, Number& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}

std::string host_name() {
  std::array<char, 256> host{};
  ::gethostname(host.data(), host.size() - 1);
  return host.data();
}

}  // namespace

std::string cell_text(const std::string& value) { return value; }
std::string cell_text(int value) { return number_text(value); }
std::string cell_text(std::int64_t value) { return number_text(value); }
std::string cell_text(double value) { return number_text(value); }

bool from_cell(const std::string& text, std::string& value) {
  value = text;
  return true;
}
bool from_cell(const std::string& text, int& value) { return read_number(text, value); }
bool from_cell(const std::string& text, std::int64_t& value) { return read_number(text, value); }
bool from_cell(const std::string& text, double& value) { return read_number(text, value); }

std::vector<fs::path> csv_files(const fs::path& folder) {
  std::vector<fs::path> files;
  if (fs::is_directory(folder))
    for (const auto& entry : fs::directory_iterator(folder))
      if (entry.path().extension() == ".csv" && entry.path().filename().string().front() != '.')
        files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

void add_csv_file(const fs::path& folder, const std::string& stem, const CsvTable& table) {
  make_folder(folder);
  const std::string base = stem + "_" + host_name() + "_" + std::to_string(::getpid());
  fs::path file = folder / (base + ".csv");
  for (int i = 2; fs::exists(file); ++i) file = folder / (base + "_" + std::to_string(i) + ".csv");
  write_text_file(file, to_csv(table));
}

std::string utc_now() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  ::gmtime_r(&now, &parts);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text.data();
}

}  // namespace retime
