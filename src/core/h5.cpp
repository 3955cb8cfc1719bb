#include "core/h5.hpp"

#include <algorithm>
#include <functional>
#include <numeric>

#include "core/error.hpp"
#include "core/files.hpp"
#include "core/h5_image.hpp"

namespace retime::h5 {
namespace {

std::recursive_mutex& library_mutex() {
  static std::recursive_mutex mutex;
  return mutex;
}

// HDF5 keeps its reasons on a stack; the innermost entries say most ("No space left on device").
std::string reason() {
  std::string text;
  H5Ewalk2(
      H5E_DEFAULT, H5E_WALK_UPWARD,
      [](unsigned, const H5E_error2_t* entry, void* out) -> herr_t {
        auto& result = *static_cast<std::string*>(out);
        if (result.empty() && entry->desc && *entry->desc) result = entry->desc;
        return 0;
      },
      &text);
  H5Eclear2(H5E_DEFAULT);
  // What the operating system said stands in quotes among file descriptors and addresses.
  static const std::string kSystem = "error message = '";
  if (const auto at = text.find(kSystem); at != std::string::npos) {
    const auto start = at + kSystem.size();
    return text.substr(start, text.find('\'', start) - start);
  }
  return text.empty() ? "unknown HDF5 failure" : text;
}

[[noreturn]] void fail(const std::string& what, const std::string& hint, const std::string& why = reason()) {
  const bool full = why.find("No space left") != std::string::npos;
  if (full) throw Error(what + " (no space left on the device): free some space and run the same command again");
  throw Error(what + " (" + why + "): " + hint);
}

void check(herr_t status, const std::string& what, const std::string& hint = "check the file and its disk") {
  if (status < 0) fail(what, hint);
}

Handle own(hid_t id, Handle::Closer close, const std::string& what, const std::string& hint = "check the file") {
  if (id < 0) fail(what, hint);
  return Handle(id, close);
}

// An object of the file that `parent` belongs to.
Handle own_in(const Handle& parent, hid_t id, Handle::Closer close, const std::string& what) {
  if (id < 0) fail(what, "check the file");
  return Handle(id, close, parent.failures());
}

void set_up_hdf5() {
  // All handles close themselves; the library's own clean-up at exit crashes on a file whose last write failed.
  [[maybe_unused]] static const bool stays = H5dont_atexit() >= 0;
  // The library prints errors of its own accord, and keeps that setting per thread.
  [[maybe_unused]] thread_local const bool is_silent = H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr) >= 0;
}

Handle open_input(const std::filesystem::path& path) {
  const LibraryLock lock;
  set_up_hdf5();
  if (!std::filesystem::exists(path)) throw Error("cannot open " + path.string() + " (no such file): check the path");
  if (std::filesystem::is_directory(path))
    throw Error("cannot open " + path.string() + " (it is a folder): name an HDF5 file");
  const hid_t id = H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT);
  if (id < 0) {
    H5Eclear2(H5E_DEFAULT);
    throw Error("cannot open " + path.string() + " (not an HDF5 file, or cut short): make it again");
  }
  return Handle(id, H5Fclose);
}

Handle open_root(const Handle& file, const std::filesystem::path& path) {
  const LibraryLock lock;
  return own_in(file, H5Gopen2(file.get(), "/", H5P_DEFAULT), H5Gclose, "cannot read " + path.string());
}

Handle create_output(const std::filesystem::path& temporary, const std::filesystem::path& path, FileImage* image,
                     const std::shared_ptr<FailedCloses>& failures) {
  const LibraryLock lock;
  set_up_hdf5();
  check_writable(path);
  if (std::filesystem::exists(path) && std::filesystem::file_size(path) > 0 && H5Fis_hdf5(path.c_str()) <= 0)
    throw Error("cannot write " + path.string() +
                " (it holds something that is not HDF5): name another file, or remove it");
  remove_stale_temporaries(path);
  const auto access = own(H5Pcreate(H5P_FILE_ACCESS), H5Pclose, "cannot set up HDF5");
  check(H5Pset_libver_bounds(access.get(), H5F_LIBVER_V110, H5F_LIBVER_LATEST), "cannot set up HDF5");
  if (image) check(image->set_as_target(access.get()), "cannot set up HDF5");
  const auto id = H5Fcreate(temporary.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, access.get());
  if (id < 0) fail("cannot create " + path.string(), "check that its folder exists and may be written");
  return Handle(id, H5Fclose, failures);
}

Handle scalar_space() { return own(H5Screate(H5S_SCALAR), H5Sclose, "cannot set up HDF5"); }

template <class T>
T read_attribute(hid_t object, const std::string& name, const std::string& at, hid_t type) {
  const auto attribute = own(H5Aopen(object, name.c_str(), H5P_DEFAULT), H5Aclose, "attribute " + at + " is missing");
  T value{};
  check(H5Aread(attribute.get(), type, &value), "cannot read attribute " + at);
  return value;
}

void write_attribute(hid_t object, const std::string& name, hid_t type, const void* value) {
  if (H5Aexists(object, name.c_str()) > 0) check(H5Adelete(object, name.c_str()), "cannot replace attribute " + name);
  const auto attribute = own(H5Acreate2(object, name.c_str(), type, scalar_space().get(), H5P_DEFAULT, H5P_DEFAULT),
                             H5Aclose, "cannot write attribute " + name);
  check(H5Awrite(attribute.get(), type, value), "cannot write attribute " + name);
}

Handle string_type(std::size_t length) {
  auto type = own(H5Tcopy(H5T_C_S1), H5Tclose, "cannot set up HDF5");
  check(H5Tset_size(type.get(), std::max<std::size_t>(length, 1)), "cannot set up HDF5");
  check(H5Tset_cset(type.get(), H5T_CSET_UTF8), "cannot set up HDF5");
  return type;
}

Handle creation_properties(const Dims& dims, const Storage& storage) {
  auto properties = own(H5Pcreate(H5P_DATASET_CREATE), H5Pclose, "cannot set up HDF5");
  // A scalar lies in the dataset's header, which has a checksum, because data outside of chunks has none.
  if (dims.empty()) check(H5Pset_layout(properties.get(), H5D_COMPACT), "cannot set up HDF5");
  const bool empty = dims.empty() || (!storage.growing && element_count(dims) == 0);
  if (empty) return properties;
  const Dims& chunk = storage.chunk.empty() ? dims : storage.chunk;
  check(H5Pset_chunk(properties.get(), static_cast<int>(chunk.size()), chunk.data()), "cannot set up HDF5 chunks");
  if (storage.deflate > 0)
    check(H5Pset_deflate(properties.get(), static_cast<unsigned>(storage.deflate)), "cannot set up HDF5 compression");
  check(H5Pset_fletcher32(properties.get()), "cannot set up HDF5 checksums");
  return properties;
}

}  // namespace

LibraryLock::LibraryLock() : lock_(library_mutex()) { set_up_hdf5(); }

std::size_t element_count(const Dims& dims) {
  return std::accumulate(dims.begin(), dims.end(), std::size_t{1}, std::multiplies<>());
}

Handle& Handle::operator=(Handle&& other) noexcept {
  if (this != &other) {
    reset();
    id_ = std::exchange(other.id_, H5I_INVALID_HID);
    close_ = other.close_;
    failures_ = std::move(other.failures_);
  }
  return *this;
}

void Handle::reset() noexcept {
  if (id_ < 0) return;
  const LibraryLock lock;
  if (close_ && close_(id_) < 0) {
    const auto why = reason();  // clears the library's stack of errors
    if (failures_) *failures_ = {failures_->count + 1, why};
  }
  id_ = H5I_INVALID_HID;
}

Dims Dataset::dims() const {
  const LibraryLock lock;
  const auto space = own(H5Dget_space(id()), H5Sclose, "cannot read " + name_);
  const int rank = H5Sget_simple_extent_ndims(space.get());
  Dims dims(static_cast<std::size_t>(std::max(rank, 0)));
  check(H5Sget_simple_extent_dims(space.get(), dims.data(), nullptr), "cannot read the shape of " + name_);
  return dims;
}

std::size_t Dataset::element_size() const {
  const LibraryLock lock;
  const auto type = own(H5Dget_type(id()), H5Tclose, "cannot read " + name_);
  return H5Tget_size(type.get());
}

bool Dataset::is_floating() const {
  const LibraryLock lock;
  const auto type = own(H5Dget_type(id()), H5Tclose, "cannot read " + name_);
  return H5Tget_class(type.get()) == H5T_FLOAT;
}

void Dataset::extend(const Dims& dims) {
  const LibraryLock lock;
  check(H5Dset_extent(id(), dims.data()), "cannot extend " + name_);
}

void Dataset::write(hid_t type, const Dims& offset, const Dims& count, const void* data) {
  const LibraryLock lock;
  if (element_count(count) == 0) return;
  if (count.empty())  // a scalar
    return check(H5Dwrite(id(), type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data), "cannot write " + name_);
  const auto file = own(H5Dget_space(id()), H5Sclose, "cannot write " + name_);
  const auto memory = own(H5Screate_simple(static_cast<int>(count.size()), count.data(), nullptr), H5Sclose, "HDF5");
  check(H5Sselect_hyperslab(file.get(), H5S_SELECT_SET, offset.data(), nullptr, count.data(), nullptr),
        "cannot write " + name_);
  check(H5Dwrite(id(), type, memory.get(), file.get(), H5P_DEFAULT, data), "cannot write " + name_);
}

void Dataset::read(hid_t type, const Dims& offset, const Dims& count, void* data) const {
  const LibraryLock lock;
  if (element_count(count) == 0) return;
  if (count.empty())  // a scalar
    return check(H5Dread(id(), type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data), "cannot read " + name_,
                 "the file is damaged, make it again");
  const auto file = own(H5Dget_space(id()), H5Sclose, "cannot read " + name_);
  const auto memory = own(H5Screate_simple(static_cast<int>(count.size()), count.data(), nullptr), H5Sclose, "HDF5");
  check(H5Sselect_hyperslab(file.get(), H5S_SELECT_SET, offset.data(), nullptr, count.data(), nullptr),
        "cannot read " + name_);
  check(H5Dread(id(), type, memory.get(), file.get(), H5P_DEFAULT, data), "cannot read " + name_,
        "the file is damaged, make it again");
}

void Dataset::check_size(const Dims& count, std::size_t elements) const {
  if (element_count(count) != elements)
    throw Error("buffer of " + std::to_string(elements) + " elements for " + std::to_string(element_count(count)) +
                " elements of " + name_ + " (a defect of this program): please report it");
}

bool Group::has(const std::string& name) const {
  const LibraryLock lock;
  std::string prefix;  // H5Lexists wants every intermediate group to exist.
  for (std::size_t end = 0; end != std::string::npos;) {
    end = name.find('/', end + 1);
    prefix = name.substr(0, end);
    if (H5Lexists(id(), prefix.c_str(), H5P_DEFAULT) <= 0) return false;
  }
  return true;
}

Group Group::group(const std::string& name) const {
  const LibraryLock lock;
  return Group(
      own_in(handle_, H5Gopen2(id(), name.c_str(), H5P_DEFAULT), H5Gclose, "group " + at(name) + " is missing"),
      at(name));
}

Group Group::create_group(const std::string& name) {
  const LibraryLock lock;
  return Group(own_in(handle_, H5Gcreate2(id(), name.c_str(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT), H5Gclose,
                      "cannot create group " + at(name)),
               at(name));
}

Dataset Group::dataset(const std::string& name, ChunkUse use) const {
  const LibraryLock lock;
  const auto access = own(H5Pcreate(H5P_DATASET_ACCESS), H5Pclose, "cannot open " + at(name));
  if (use == ChunkUse::kOnce)
    check(H5Pset_chunk_cache(access.get(), H5D_CHUNK_CACHE_NSLOTS_DEFAULT, 0, H5D_CHUNK_CACHE_W0_DEFAULT),
          "cannot open " + at(name));
  return Dataset(
      own_in(handle_, H5Dopen2(id(), name.c_str(), access.get()), H5Dclose, "dataset " + at(name) + " is missing"),
      at(name));
}

Dataset Group::create_dataset(const std::string& name, hid_t type, const Dims& dims, const Storage& storage) {
  const LibraryLock lock;
  Dims limit = dims;
  if (storage.growing) limit.at(0) = H5S_UNLIMITED;
  const auto space = dims.empty() ? scalar_space()
                                  : own(H5Screate_simple(static_cast<int>(dims.size()), dims.data(), limit.data()),
                                        H5Sclose, "cannot create " + at(name));
  const auto properties = creation_properties(dims, storage);
  return Dataset(
      own_in(handle_, H5Dcreate2(id(), name.c_str(), type, space.get(), H5P_DEFAULT, properties.get(), H5P_DEFAULT),
             H5Dclose, "cannot create " + at(name)),
      at(name));
}

std::vector<std::string> Group::members() const {
  const LibraryLock lock;
  std::vector<std::string> names;
  // In the order in which they are stored: HDF5 1.10 sorts into a table whose release crashes when a link is damaged.
  check(H5Literate(
            id(), H5_INDEX_NAME, H5_ITER_NATIVE, nullptr,
            [](hid_t, const char* name, const H5L_info_t*, void* out) -> herr_t {
              static_cast<std::vector<std::string>*>(out)->emplace_back(name);
              return 0;
            },
            &names),
        "cannot list " + name_);
  std::sort(names.begin(), names.end());
  return names;
}

bool Group::has_attribute(const std::string& name) const {
  const LibraryLock lock;
  return H5Aexists(id(), name.c_str()) > 0;
}

void Group::set_attribute(const std::string& name, const std::string& value) {
  const LibraryLock lock;
  const auto type = string_type(value.size());
  write_attribute(id(), name, type.get(), value.empty() ? "" : value.data());
}

void Group::set_attribute(const std::string& name, std::int64_t value) {
  const LibraryLock lock;
  write_attribute(id(), name, H5T_NATIVE_INT64, &value);
}

void Group::set_attribute(const std::string& name, double value) {
  const LibraryLock lock;
  write_attribute(id(), name, H5T_NATIVE_DOUBLE, &value);
}

std::string Group::string_attribute(const std::string& name) const {
  const LibraryLock lock;
  const auto attribute =
      own(H5Aopen(id(), name.c_str(), H5P_DEFAULT), H5Aclose, "attribute " + at(name) + " is missing");
  const auto type = own(H5Aget_type(attribute.get()), H5Tclose, "cannot read attribute " + at(name));
  if (H5Tget_class(type.get()) != H5T_STRING || H5Tis_variable_str(type.get()) > 0)
    throw Error("attribute " + at(name) + " is not a fixed-length string: make the file again");
  std::string value(H5Tget_size(type.get()), '\0');
  check(H5Aread(attribute.get(), type.get(), value.data()), "cannot read attribute " + at(name));
  value.resize(std::min(value.find('\0'), value.size()));
  return value;
}

std::int64_t Group::int_attribute(const std::string& name) const {
  const LibraryLock lock;
  return read_attribute<std::int64_t>(id(), name, at(name), H5T_NATIVE_INT64);
}

double Group::double_attribute(const std::string& name) const {
  const LibraryLock lock;
  return read_attribute<double>(id(), name, at(name), H5T_NATIVE_DOUBLE);
}

InputFile::InputFile(const std::filesystem::path& path, const std::string& format, int version)
    : path_(path), file_(open_input(path)), root_(open_root(file_, path), path.string()) {
  if (!root_.has_attribute("format") || root_.string_attribute("format") != format)
    throw Error(path.string() + " is not a " + format +
                " file (its format attribute says otherwise): name the right file");
  const auto found = root_.int_attribute("version");
  if (found > version)
    throw Error(path.string() + " has version " + std::to_string(found) + " of " + format + " (this program knows " +
                std::to_string(version) + "): use a newer retime");
}

OutputFile::OutputFile(const std::filesystem::path& path, const std::string& format, int version, Staging staging)
    : path_(path),
      temporary_(temporary_name(path)),
      image_(staging == Staging::kMemory ? std::make_unique<FileImage>() : nullptr),
      failed_closes_(std::make_shared<FailedCloses>()),
      file_(create_output(temporary_, path, image_.get(), failed_closes_)),
      root_(open_root(file_, path), path.string()) {
  root_.set_attribute("format", format);
  root_.set_attribute("version", std::int64_t{version});
}

OutputFile::~OutputFile() {
  if (temporary_.empty()) return;  // committed
  root_ = Group({}, {});
  file_.reset();
  std::error_code ignored;
  std::filesystem::remove(temporary_, ignored);
}

void OutputFile::commit() {
  close();
  if (image_) write_bytes_file(temporary_, image_->bytes());
  sync_and_rename(temporary_, path_);
  temporary_.clear();
}

void OutputFile::close() {
  const LibraryLock lock;
  const auto check_closes = [&] {
    if (failed_closes_->count > 0)
      fail("cannot write " + path_.string(), "check the file and its disk", failed_closes_->reason);
  };
  check_closes();
  check(H5Fflush(file_.get(), H5F_SCOPE_GLOBAL), "cannot write " + path_.string());
  const auto size = image_ ? H5Fget_file_image(file_.get(), nullptr, 0) : 0;
  check(static_cast<herr_t>(size < 0 ? -1 : 0), "cannot write " + path_.string());
  root_ = Group({}, {});
  file_.reset();
  check_closes();
  if (image_) image_->trim(static_cast<std::size_t>(size));
}

}  // namespace retime::h5
