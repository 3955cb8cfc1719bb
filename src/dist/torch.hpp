#pragma once

// Tensors, modules and guards of LibTorch. torch/torch.h would more than double the time that a source takes to
// compile; layers and functions of torch::nn are included by those who use them.
#include <torch/cuda.h>
#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>
#include <torch/types.h>
#include <torch/utils.h>
