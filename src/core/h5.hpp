#pragma once

#include <hdf5.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

/// Owning handles over HDF5's C interface. Every failure throws retime::Error with the file's name and HDF5's reason.
/// Threads may use different files at the same time, whether or not the library was built for threads.
namespace retime::h5 {

/// Keeps the library to the thread that holds one; everything here takes it by itself, calls into the C interface from
/// elsewhere need one. May be nested.
class LibraryLock {
 public:
  LibraryLock();

 private:
  std::scoped_lock<std::recursive_mutex> lock_;
};

using Dims = std::vector<hsize_t>;
/// An extent or a position, which the project holds as int.
inline hsize_t dim(int value) { return static_cast<hsize_t>(value); }

/// Number of elements of an array of these dimensions.
std::size_t element_count(const Dims& dims);

/// The native HDF5 type of an arithmetic C++ type.
template <class T>
hid_t native_type() {
  static_assert(std::is_arithmetic_v<T>);
  const LibraryLock lock;  // These names open the library.
  if constexpr (std::is_same_v<T, float>) return H5T_NATIVE_FLOAT;
  if constexpr (std::is_same_v<T, double>) return H5T_NATIVE_DOUBLE;
  if constexpr (std::is_same_v<T, std::uint8_t> || std::is_same_v<T, bool>) return H5T_NATIVE_UINT8;
  if constexpr (std::is_same_v<T, std::int8_t>) return H5T_NATIVE_INT8;
  if constexpr (std::is_same_v<T, std::uint16_t>) return H5T_NATIVE_UINT16;
  if constexpr (std::is_same_v<T, std::int32_t>) return H5T_NATIVE_INT32;
  if constexpr (std::is_same_v<T, std::int64_t>) return H5T_NATIVE_INT64;
  if constexpr (std::is_same_v<T, std::uint64_t>) return H5T_NATIVE_UINT64;
}

/// Closing a dataset writes what the library has kept back of it, and destructors cannot throw: what failed of one file
/// is kept here until that file is committed. Guarded by the library's lock.
struct FailedCloses {
  int count = 0;
  std::string reason;  ///< of the last one
};

/// An HDF5 identifier that closes itself.
class Handle {
 public:
  using Closer = herr_t (*)(hid_t);
  Handle() = default;
  /// `failures` of the file that the object belongs to; null: nobody asks whether it could be closed.
  Handle(hid_t id, Closer close, std::shared_ptr<FailedCloses> failures = {})
      : id_(id), close_(close), failures_(std::move(failures)) {}
  Handle(Handle&& other) noexcept
      : id_(std::exchange(other.id_, H5I_INVALID_HID)), close_(other.close_), failures_(std::move(other.failures_)) {}
  Handle& operator=(Handle&& other) noexcept;
  ~Handle() { reset(); }
  void reset() noexcept;
  hid_t get() const { return id_; }
  const std::shared_ptr<FailedCloses>& failures() const { return failures_; }

 private:
  hid_t id_ = H5I_INVALID_HID;
  Closer close_ = nullptr;
  std::shared_ptr<FailedCloses> failures_;
};

/// How often the chunks of a dataset are read. Those that are read whole and once need no cache, which would take a
/// mebibyte or more for every dataset that is open.
enum class ChunkUse { kRepeated, kOnce };

/// How a dataset is stored. Datasets with chunks carry Fletcher-32 checksums, which every read verifies.
struct Storage {
  Dims chunk;            ///< empty: one chunk
  int deflate = 0;       ///< 0 = none, 1..9
  bool growing = false;  ///< the first dimension may be extended
};

class Dataset {
 public:
  Dataset(Handle handle, std::string name) : handle_(std::move(handle)), name_(std::move(name)) {}
  Dims dims() const;
  hid_t id() const { return handle_.get(); }
  const std::string& name() const { return name_; }
  /// Bytes of one element, and whether elements are floating point.
  std::size_t element_size() const;
  bool is_floating() const;

  void extend(const Dims& dims);
  /// Writes or reads the hyperslab [offset, offset + count); `data` is dense in row-major order.
  void write(hid_t type, const Dims& offset, const Dims& count, const void* data);
  void read(hid_t type, const Dims& offset, const Dims& count, void* data) const;

  template <class T>
  void write(const Dims& offset, const Dims& count, std::span<const T> data) {
    check_size(count, data.size());
    write(native_type<T>(), offset, count, data.data());
  }
  template <class T>
  void read(const Dims& offset, const Dims& count, std::span<T> data) const {
    check_size(count, data.size());
    read(native_type<T>(), offset, count, data.data());
  }

 private:
  void check_size(const Dims& count, std::size_t elements) const;
  Handle handle_;
  std::string name_;
};

/// A group of an open file; the file's root group is one too.
class Group {
 public:
  Group(Handle handle, std::string name) : handle_(std::move(handle)), name_(std::move(name)) {}
  hid_t id() const { return handle_.get(); }

  bool has(const std::string& name) const;
  Group group(const std::string& name) const;
  Group create_group(const std::string& name);
  Dataset dataset(const std::string& name, ChunkUse use = ChunkUse::kRepeated) const;
  Dataset create_dataset(const std::string& name, hid_t type, const Dims& dims, const Storage& storage = {});
  /// Names of the members of this group, in alphabetic order.
  std::vector<std::string> members() const;

  template <class T>
  void write(const std::string& name, const Dims& dims, std::span<const T> data, const Storage& storage = {}) {
    create_dataset(name, native_type<T>(), dims, storage).write(Dims(dims.size(), 0), dims, data);
  }
  template <class T>
  std::vector<T> read(const std::string& name) const {
    const Dataset data = dataset(name);
    const Dims dims = data.dims();
    std::vector<T> values(element_count(dims));
    data.read<T>(Dims(dims.size(), 0), dims, values);
    return values;
  }

  bool has_attribute(const std::string& name) const;
  void set_attribute(const std::string& name, const std::string& value);
  void set_attribute(const std::string& name, std::int64_t value);
  void set_attribute(const std::string& name, double value);
  std::string string_attribute(const std::string& name) const;
  std::int64_t int_attribute(const std::string& name) const;
  double double_attribute(const std::string& name) const;

 private:
  std::string at(const std::string& name) const { return name_ + "/" + name; }
  Handle handle_;
  std::string name_;
};

/// An existing file, opened for reading. Throws Error when it is missing, not HDF5, truncated, or of another format.
class InputFile {
 public:
  /// `format` and `version` are the attributes that our files carry on their root group; a newer version is refused.
  InputFile(const std::filesystem::path& path, const std::string& format, int version);
  const Group& root() const { return root_; }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
  Handle file_;
  Group root_;
};

class FileImage;

/// Where an OutputFile grows before it is committed: in its temporary file, or in memory, from which `commit` writes it
/// in one go. Other threads that use the library then never wait for a slow disk.
enum class Staging { kFile, kMemory };

/// A new file, complete or absent: written under a temporary name; `commit` flushes, syncs and renames it. Destroyed
/// without `commit`, it leaves nothing behind and an older file of that name untouched. `commit` throws Error when any
/// write to it has failed, those that HDF5 put off until a dataset was closed included. Throws Error rather than
/// replace a file that is not HDF5: a clip, say, that was named by mistake.
class OutputFile {
 public:
  OutputFile(const std::filesystem::path& path, const std::string& format, int version,
             Staging staging = Staging::kFile);
  OutputFile(OutputFile&&) = delete;
  ~OutputFile();
  Group& root() { return root_; }
  void commit();

 private:
  void close();

  std::filesystem::path path_;
  std::filesystem::path temporary_;
  std::unique_ptr<FileImage> image_;
  std::shared_ptr<FailedCloses> failed_closes_;
  Handle file_;
  Group root_;
};

}  // namespace retime::h5
