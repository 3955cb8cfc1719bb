#pragma once

#include <ATen/core/Tensor.h>

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "dist/process_group.hpp"

namespace c10d {
class Reducer;
}

namespace retime {

struct ReducerOptions {
  std::size_t bucket_bytes = std::size_t{25} << 20;       ///< gradients travel in buckets of about this size
  std::size_t first_bucket_bytes = std::size_t{1} << 20;  ///< the first is smaller so that communication starts early
};

/// Data parallel training: each rank computes the gradient of its share of a batch, and after `backward` every rank
/// holds the *sum* over ranks (not the mean, as DistributedDataParallel has it), because losses divide by global
/// denominators. Buckets of gradients travel while the backward pass goes on (c10d::Reducer).
///
/// A step is: zero_grad(), forward, backward(loss), optimiser. Afterwards every parameter has a gradient, zero where no
/// rank used it, so that one process and N processes feed the optimiser alike. Ranks may use different parameters.
class GradientReducer {
 public:
  /// Checks that all ranks have the same `parameters` (those without requires_grad are left out) and replaces their
  /// values by those of rank 0. Throws Error naming the first parameter that differs. `group` may be null: one process.
  /// This call is MPI collective.
  GradientReducer(std::vector<at::Tensor> parameters, std::vector<std::string> names, ProcessGroupPtr group,
                  const ReducerOptions& options = {});
  ~GradientReducer();
  GradientReducer(const GradientReducer&) = delete;
  GradientReducer& operator=(const GradientReducer&) = delete;

  /// Drops all gradients. To be used instead of Optimizer::zero_grad, which fails on gradients that live in buckets.
  void zero_grad();
  /// Backward pass of a scalar `loss` and sum of all gradients over ranks. `loss` may depend on any parameters, or on
  /// none. Throws Error when the sums of the last step were not dropped. This call is MPI collective.
  void backward(const at::Tensor& loss);
  /// Backward pass without communication; the next `backward` sums what was accumulated since zero_grad. Ranks may make
  /// different numbers of these calls.
  void accumulate(const at::Tensor& loss);

 private:
  void refuse_old_sums() const;
  void fill_missing_gradients();

  std::vector<at::Tensor> parameters_;
  ProcessGroupPtr group_;
  std::unique_ptr<c10d::Reducer> reducer_;  ///< null for one process
  bool holds_sums_ = false;
};

}  // namespace retime
