#include "ranks/rank_agreement.hpp"

#include <algorithm>
#include <filesystem>
#include <new>
#include <sstream>
#include <utility>

namespace retime {
namespace {

std::pair<std::string, std::string> first_difference(const std::string& a, const std::string& b) {
  std::istringstream a_lines(a), b_lines(b);
  for (;;) {
    std::string a_line, b_line;
    const bool a_has = static_cast<bool>(std::getline(a_lines, a_line));
    const bool b_has = static_cast<bool>(std::getline(b_lines, b_line));
    if (a_line != b_line || !a_has || !b_has) return {a_line, b_line};
  }
}

std::string coded(const std::exception& exception) {
  const Failure failure = failure_of(exception);
  return std::to_string(failure.code) + " " + failure.sentence;
}

/// How the work failed and its exit code, "CODE sentence"; empty when it succeeded.
std::string failure_in(const std::function<void()>& work) {
  try {
    work();
  } catch (const Error& error) {
    return coded(error);
  } catch (const std::filesystem::filesystem_error& error) {
    return coded(error);
  } catch (const std::bad_alloc& error) {
    return coded(error);
  }
  return {};
}

}  // namespace

void require_same_on_all_ranks(const Communicator& communicator, const std::string& what, const std::string& text) {
  const auto texts = communicator.all_gather(text);
  const auto other = std::find_if(texts.begin(), texts.end(), [&](const auto& entry) { return entry != texts[0]; });
  if (other == texts.end()) return;
  const auto rank = static_cast<int>(other - texts.begin());
  const auto [here, there] = first_difference(texts[0], *other);
  const std::string host = communicator.broadcast(communicator.host(), rank);
  throw AgreedError(what + " differs between ranks (rank " + std::to_string(rank) + " on host " + host + " has '" +
                    there + "', rank 0 has '" + here +
                    "'): start all ranks with the same program, options and configuration files");
}

void run_on_root(const Communicator& communicator, const std::function<void()>& work) {
  run_on_all_ranks(communicator, [&] {
    if (communicator.is_root()) work();
  });
}

void run_on_all_ranks(const Communicator& communicator, const std::function<void()>& work) {
  if (communicator.size() == 1) return work();
  const auto failures = communicator.all_gather(failure_in(work));
  const auto first = std::find_if(failures.begin(), failures.end(), [](const auto& text) { return !text.empty(); });
  if (first == failures.end()) return;
  const auto space = first->find(' ');
  const auto rank = first - failures.begin();
  const std::string place = rank == 0 ? "" : " (on rank " + std::to_string(rank) + ")";
  throw AgreedError(first->substr(space + 1) + place, static_cast<ExitCode>(std::stoi(first->substr(0, space))));
}

}  // namespace retime
