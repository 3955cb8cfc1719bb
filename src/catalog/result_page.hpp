#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "catalog/status_table.hpp"

namespace retime::catalog {

/// A relative path as a link: everything but letters, digits and "-_.~/" in percent codes.
std::string link_text(const std::string& path);

/// The page of these videos, which lie in `folder`: what failed, what is done with thumbnail, numbers and videos, what
/// is still to be done. Links are relative to `folder`, nothing is loaded from elsewhere.
std::string result_page(const std::string& title, const std::filesystem::path& folder,
                        const std::vector<VideoLine>& videos);

/// Writes FOLDER/index.html, and a thumbnail for each video that is done. Returns the page's path. Throws Error.
std::filesystem::path write_result_page(const Catalog& catalog, const std::filesystem::path& folder,
                                        const std::vector<VideoLine>& videos);

}  // namespace retime::catalog
