#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace retime {

/// A name beside `path` (same folder, so that a rename is atomic) for a file that is not complete yet.
std::filesystem::path temporary_name(const std::filesystem::path& path);

/// Makes `temporary` durable and gives it the name `path`: fsync, rename, fsync of the folder. Throws Error; a file
/// that cannot be renamed is removed.
void sync_and_rename(const std::filesystem::path& temporary, const std::filesystem::path& path);

/// Writes a file. Throws Error with the reason; what was written then stays for the caller to remove.
void write_bytes_file(const std::filesystem::path& path, std::span<const std::byte> bytes);

/// Appends to a file, which it makes if need be. Throws Error; the file then ends where it did.
void append_to_file(const std::filesystem::path& path, const std::string& text);

/// Writes a small text file whole or not at all. Throws Error.
void write_text_file(const std::filesystem::path& path, const std::string& text);

/// Creates a folder with its parents and checks that it may be written. Throws Error.
void make_folder(const std::filesystem::path& path);

/// Throws Error unless `path` can be written: its folder exists (or can be made), may be written, and what stands at
/// `path`, if anything, is a regular file.
void check_writable(const std::filesystem::path& path);

/// Ending, behind a temporary name, of what stood at the path before and is moved aside for what takes its place.
inline constexpr std::string_view kReplaced = "-old";

/// Removes what writers of `path` on this machine, in this container, that were killed have left beside it.
void remove_stale_temporaries(const std::filesystem::path& path);

/// Removes a file, or a folder with what is in it, as far as it can.
void remove_tree(const std::filesystem::path& path);

/// Identifies a file, or all files of a folder, without reading all of it, as hex: 64-bit FNV-1a over a file's size,
/// its first and its last mebibyte, or over the names, sizes and times of a folder's files.
std::string fingerprint_of(const std::filesystem::path& path);

/// Lets tests make a process fail at a place of their choice, through the environment variable RETIME_FAULT_POINT:
/// "STAGE" or "kill:STAGE" ends it by SIGKILL, "stop:STAGE" stops it (SIGSTOP), "hang:STAGE" lets it sleep forever,
/// "throw:STAGE" throws Error. Costs a look into the environment otherwise.
void fault_point(const char* stage);
/// The same for the stage "STAGE NUMBER", for example "training step 17".
void fault_point(const char* stage, std::int64_t number);
/// The same where RETIME_FAULT_FILE is not set, or is a part of the file's name: tests show with it that nothing is
/// lost wherever a save is cut off.
void fault_point(const char* stage, const std::filesystem::path& file);

/// True if RETIME_FAULT_POINT is "ACTION:STAGE NUMBER": for faults that the caller brings about.
bool fault_wanted(const char* action, const char* stage, std::int64_t number);
/// Whether it is `stage`: tests ask for the failure of a call that fails on some systems only.
bool is_fault_asked(const char* stage);

}  // namespace retime
