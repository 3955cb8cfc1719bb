#include "dist/build_identity.hpp"

#include <elf.h>
#include <link.h>
#include <torch/version.h>

#include <cstddef>
#include <cstring>

namespace retime {
namespace {

std::string hexadecimal(const unsigned char* bytes, std::size_t count) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (std::size_t i = 0; i < count; ++i) {
    text += kDigits[bytes[i] >> 4];
    text += kDigits[bytes[i] & 15];
  }
  return text;
}

std::size_t padded(std::size_t size) { return (size + 3) / 4 * 4; }

/// The build id among the ELF notes of a segment.
std::string id_in_notes(const unsigned char* notes, std::size_t size) {
  for (std::size_t at = 0; at + sizeof(ElfW(Nhdr)) <= size;) {
    ElfW(Nhdr) note;
    std::memcpy(&note, notes + at, sizeof(note));
    const unsigned char* name = notes + at + sizeof(note);
    const unsigned char* value = name + padded(note.n_namesz);
    if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 && std::memcmp(name, "GNU", 4) == 0) {
      return hexadecimal(value, note.n_descsz);
    }
    at += sizeof(note) + padded(note.n_namesz) + padded(note.n_descsz);
  }
  return {};
}

/// The first object that the loader lists is the program itself.
int find_program_id(dl_phdr_info* info, std::size_t, void* result) {
  auto& id = *static_cast<std::string*>(result);
  for (int i = 0; i < info->dlpi_phnum && id.empty(); ++i) {
    const auto& segment = info->dlpi_phdr[i];
    if (segment.p_type != PT_NOTE) continue;
    const auto* notes = reinterpret_cast<const unsigned char*>(info->dlpi_addr + segment.p_vaddr);
    id = id_in_notes(notes, segment.p_memsz);
  }
  return 1;
}

}  // namespace

std::string build_identity() {
  std::string id;
  dl_iterate_phdr(find_program_id, &id);
  return id + ", LibTorch " TORCH_VERSION;
}

}  // namespace retime
