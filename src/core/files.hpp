#pragma once

#include <filesystem>
#include <string>

namespace retime {

/// A name beside `path` (same folder, so that a rename is atomic) for a file that is not complete yet.
std::filesystem::path temporary_name(const std::filesystem::path& path);

/// Makes `temporary` durable and gives it the name `path`: fsync, rename, fsync of the folder. Throws Error; a file that
/// cannot be renamed is removed.
void sync_and_rename(const std::filesystem::path& temporary, const std::filesystem::path& path);

/// Writes a small text file whole or not at all. Throws Error.
void write_text_file(const std::filesystem::path& path, const std::string& text);

/// Creates a folder with its parents and checks that it may be written. Throws Error.
void make_folder(const std::filesystem::path& path);

/// Throws Error unless `path` can be created: its folder exists (or can be made) and may be written.
void check_writable(const std::filesystem::path& path);

/// Identifies a file without reading all of it: 64-bit FNV-1a over its size, its first and its last mebibyte, as hex.
std::string file_fingerprint(const std::filesystem::path& path);

}  // namespace retime
