#include "model/fit/fit_loop.hpp"

#include <chrono>
#include <utility>

#include "core/activity.hpp"
#include "core/files.hpp"
#include "core/log.hpp"
#include "dist/step_timeline.hpp"
#include "model/step/fit_ranks.hpp"
#include "ranks/rank_agreement.hpp"

namespace retime {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

void warn_of_idle_ranks(const FitPlan& plan, int world_size) {
  const int strata = plan.sampler.strata();
  if (world_size <= strata) return;
  log_warn(std::to_string(world_size - strata) + " of " + std::to_string(world_size) +
           " ranks have no frames (a step takes " + std::to_string(strata) + "): start fewer ranks, or give " +
           plan.batch_option + " a multiple of them, which changes the fit");
}

}  // namespace

FitLoop::FitLoop(FitTask& task, const TrainOptions& options, FitSession& session)
    : FitLoop(task, options, session.ranks(), session.shows_progress(), &session) {}

FitLoop::FitLoop(FitTask& task, const TrainOptions& options, const FitRanks& ranks, bool shows_progress)
    : FitLoop(task, options, ranks, shows_progress, nullptr) {}

FitLoop::FitLoop(FitTask& task, const TrainOptions& options, const FitRanks& ranks, bool shows_progress,
                 FitSession* session)
    : task_(task),
      plan_(task.plan()),
      options_(options),
      ranks_(ranks),
      shows_progress_(shows_progress),
      session_(session),
      step_(
          task.module(), task.groups(), ranks,
          {plan_.stage, options.skip_nonfinite, session ? "the same command goes on from the newest checkpoint" : ""}),
      sums_(torch::zeros({static_cast<std::int64_t>(plan_.sums.size())}, ranks.device)) {
  if (session) agreement_.emplace(session->stop(), ranks_.communicator);
}

void FitLoop::resume(const Checkpoint& checkpoint, const std::filesystem::path& file) {
  const auto [at, same_steps] = task_.restore(checkpoint, file, step_.optimizer());
  at_ = at;
  saved_step_ = at.step;
  if (session_) session_->writer().go_on_from(checkpoint.step);
  if (!same_steps) {
    if (at.epoch_step > 0)
      log_info("epoch " + std::to_string(at.epoch + 1) + " begins anew, as other frames share its steps now");
    at_.epoch_step = 0;
  } else if (ranks_.communicator.is_root()) {  // What counts of a started epoch's sums is their sum over ranks.
    for (std::size_t i = 0; i < plan_.sums.size(); ++i)
      sums_[static_cast<std::int64_t>(i)] = checkpoint.schedule.at(plan_.sums[i]);
  }
}

void FitLoop::run() {
  if (ranks_.communicator.is_root()) warn_of_idle_ranks(plan_, ranks_.communicator.size());
  Progress progress(plan_.label, "epochs", plan_.epochs, shows_progress_);
  progress.keep(at_.epoch + part_of_epoch());
  while (!task_.is_over(at_.epoch)) {
    const auto start = Clock::now();
    make_steps(progress);
    const auto note = end_epoch(seconds_since(start));
    progress.update(at_.epoch, note);
    if (at_.epoch % options_.checkpoint_epochs == 0) save();
    task_.after_epoch(at_.epoch);
  }
  save();
  if (session_) session_->finish_saves();
}

double FitLoop::part_of_epoch() const { return static_cast<double>(at_.epoch_step) / plan_.sampler.steps_per_epoch(); }

// The steps that are left of an epoch.
void FitLoop::make_steps(Progress& progress) {
  const int rank = ranks_.communicator.rank(), world_size = ranks_.communicator.size();
  const auto steps = plan_.sampler.epoch(at_.epoch, rank, world_size);
  task_.begin_epoch(at_.epoch, plan_.sampler.coming_frames(at_.epoch, at_.epoch_step, rank, world_size));
  Phase phase(plan_.stage);
  while (at_.epoch_step < plan_.sampler.steps_per_epoch()) {
    phase.at(at_.step);
    fault_point(plan_.stage, at_.step);
    const StepPartScope part(StepPart::kData);
    const auto now = static_cast<std::size_t>(at_.epoch_step);
    make_step({steps[now], now + 1 < steps.size() ? steps[now + 1] : std::vector<int>{}});
    progress.within(part_of_epoch());
    enter_step_part(StepPart::kCommunication);
    stop_if_asked();
  }
}

void FitLoop::make_step(const StepFrames& frames) {
  sums_ += step_.make([&] { return task_.loss(frames, at_.epoch); },
                      {at_.step, task_.learning_rate(at_.step, at_.epoch), frames.now});
  ++at_.epoch_step;
  ++at_.step;
}

// Losses are read back here only, once an epoch.
std::string FitLoop::end_epoch(double seconds) {
  step_.read_back();
  auto [line, note] = task_.end_epoch({at_, ranks_.collectives->sum(sums_)});
  line.update({{"seconds", seconds},
               {"frames_per_s", plan_.frame_count / seconds},
               {"save_wait_s", std::exchange(save_wait_s_, 0)},
               {"learning_rate", task_.learning_rate(at_.step - 1, at_.epoch)}});
  if (session_ && session_->is_root()) session_->run().append_metrics(line.dump());
  sums_.zero_();
  at_.epoch_step = 0;
  ++at_.epoch;
  saved_step_ = -1;  // A stop right after the epoch's last step has saved it as a started one.
  return note;
}

void FitLoop::save() {
  if (!session_ || saved_step_ == at_.step) return;
  const SecondsOf time(save_wait_s_);
  const Phase phase("saving", Patience::kLong);
  require_same_parameters(task_.module(), std::string(plan_.stage) + " " + std::to_string(at_.step),
                          ranks_.communicator);
  const auto sums = ranks_.collectives->sum(sums_).to(torch::kCPU);
  saved_step_ = at_.step;
  if (!session_->is_root()) return;
  auto checkpoint = task_.checkpoint(at_, step_.optimizer());
  for (std::size_t i = 0; i < plan_.sums.size(); ++i)
    checkpoint.schedule[plan_.sums[i]] = sums[static_cast<std::int64_t>(i)].item<float>();
  checkpoint.milestone = at_.epoch_step == 0 && options_.keep_every > 0 && at_.epoch % options_.keep_every == 0;
  session_->writer().write(std::move(checkpoint), options_.keep_checkpoints, task_.constant_arrays());
}

void FitLoop::stop_if_asked() {
  if (!agreement_ || !agreement_->reached()) return;
  step_.read_back();
  save();
  session_->finish_saves();
  throw AgreedStop("stopped by " + session_->stop().reason() + " at step " + std::to_string(at_.step) + plan_.place +
                   " (everything is saved): run the same command again to go on");
}

}  // namespace retime
