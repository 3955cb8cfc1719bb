// Holds the U-Net against eager PyTorch (oracle.py): outputs and gradients of the published variants.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "core/temporary_folder.hpp"
#include "model/net/unet.hpp"

namespace retime {
namespace {

using Arrays = std::map<std::string, torch::Tensor>;

constexpr double kTolerance = 1e-4;

void write_array(std::ostream& out, const std::string& name, const torch::Tensor& array) {
  out << name;
  for (const auto size : array.sizes()) out << ' ' << size;
  const auto values = array.detach().contiguous();
  out << '\n';
  out.write(static_cast<const char*>(values.data_ptr()), values.numel() * 8);
}

Arrays read_arrays(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  Arrays arrays;
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line);
    std::string name;
    words >> name;
    std::vector<std::int64_t> shape;
    for (std::int64_t size = 0; words >> size;) shape.push_back(size);
    auto array = torch::empty(shape, torch::kDouble);
    in.read(static_cast<char*>(array.data_ptr()), array.numel() * 8);
    arrays[name] = array;
  }
  return arrays;
}

struct Case {
  std::string name;
  ModelOptions options;
  std::vector<std::int64_t> shape;
};

ModelOptions variant(NormKind norm, bool patent) {
  ModelOptions options;
  options.width = 8;
  options.norm = norm;
  options.first_activation = patent ? FirstActivation::kLeaky : FirstActivation::kRelu;
  options.bottleneck_dilation = patent ? 1 : 2;
  options.output_convolution = patent ? OutputConvolution::kTranspose : OutputConvolution::kConv;
  return options;
}

std::vector<Case> cases() {
  std::vector<Case> result;
  for (const auto norm : {NormKind::kBatch, NormKind::kInstance, NormKind::kGroup})
    for (const bool patent : {false, true})
      result.push_back(
          {word_of(kNorms, norm) + (patent ? "_patent" : "_released"), variant(norm, patent), {2, 5, 64, 96}});
  result.push_back({"size_that_needs_padding", variant(NormKind::kGroup, false), {1, 5, 37, 70}});
  return result;
}

// One run of Python for all cases: importing torch takes longer than computing.
class OracleTest : public testing::TestWithParam<Case> {
 public:
  static void SetUpTestSuite() {
    if (!std::filesystem::exists(std::filesystem::path(RETIME_TORCH_SITE) / "torch" / "__init__.py")) return;
    folder_ = std::filesystem::temp_directory_path() / ("retime_oracle_" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder_);
    for (const auto& item : cases()) write_case(item);
    const char* python = std::getenv("RETIME_PYTHON");
    const std::string log = (folder_ / "log.txt").string();
    const std::string command =
        std::string("PYTHONPATH='") + RETIME_TORCH_SITE + "' " + (python ? python : "/usr/bin/python3") +
        " '" RETIME_SOURCE_DIR "/tests/model/oracle.py' '" + folder_.string() + "' > '" + log + "' 2>&1";
    ASSERT_EQ(std::system(command.c_str()), 0) << "the Python package of this LibTorch is at " << RETIME_TORCH_SITE
                                               << " but the oracle failed (name its interpreter with RETIME_PYTHON):\n"
                                               << test::read_bytes(log);
  }
  static void TearDownTestSuite() {
    if (!folder_.empty()) test::remove_tree(folder_);
  }

 protected:
  void SetUp() override {
    if (folder_.empty()) GTEST_SKIP() << "no Python package of torch at " << RETIME_TORCH_SITE;
    expected_ = read_arrays(folder_ / (GetParam().name + ".expected"));
    ASSERT_FALSE(expected_.empty());
  }

  static UNet make_net(const ModelOptions& options) {
    torch::manual_seed(7);
    UNet net(options, 5, 4, nullptr);
    const torch::NoGradGuard guard;
    for (auto& item : net->named_parameters())  // norms too start from something that is seen
      item.value().add_(0.1 * torch::randn_like(item.value()));
    return net;
  }

  static torch::Tensor make_input(const std::vector<std::int64_t>& shape) {
    torch::manual_seed(8);
    return torch::randn(shape);
  }

  static torch::Tensor loss_of(const torch::Tensor& output) {
    return (output.tanh() * torch::arange(output.numel(), output.options()).cos().view_as(output)).sum();
  }

  void expect_close(const std::string& name, const torch::Tensor& found, double scale) const {
    ASSERT_TRUE(expected_.contains(name)) << name;
    const auto& expected = expected_.at(name);
    ASSERT_EQ(found.sizes(), expected.sizes()) << name;
    const double error = (found.to(torch::kDouble) - expected).abs().max().item<double>();
    EXPECT_LE(error, kTolerance * std::max(expected.abs().max().item<double>(), scale)) << name;
  }

  Arrays expected_;

 private:
  static void write_case(const Case& item) {
    std::ofstream out(folder_ / (item.name + ".in"), std::ios::binary);
    out << nlohmann::json{{"norm", word_of(kNorms, item.options.norm)},
                          {"first_activation",
                           item.options.first_activation == FirstActivation::kRelu ? "relu" : "leaky"},
                          {"bottleneck_dilation", item.options.bottleneck_dilation},
                          {"output_convolution",
                           item.options.output_convolution == OutputConvolution::kConv ? "conv" : "transpose"}}
               .dump()
        << '\n';
    write_array(out, "input", make_input(item.shape).to(torch::kDouble));
    auto net = make_net(item.options);
    for (const auto& parameter : net->named_parameters())
      write_array(out, parameter.key(), parameter.value().to(torch::kDouble));
  }

  static inline std::filesystem::path folder_;
};

// In double precision, where a bias before a norm, whose gradient is zero, is no noise.
TEST_P(OracleTest, OutputAndGradientsAreThoseOfEagerTorch) {
  auto net = make_net(GetParam().options);
  net->to(torch::kDouble);
  const auto input = make_input(GetParam().shape).to(torch::kDouble).requires_grad_();
  const auto output = net(input);
  loss_of(output).backward();
  expect_close("output", output, 0);
  expect_close("gradient/input", input.grad(), 0);
  for (const auto& item : net->named_parameters()) expect_close("gradient/" + item.key(), item.value().grad(), 1e-6);
}

TEST_P(OracleTest, SinglePrecisionGivesTheSameOutput) {
  auto net = make_net(GetParam().options);
  expect_close("output", net(make_input(GetParam().shape).contiguous(torch::MemoryFormat::ChannelsLast)), 0);
}

INSTANTIATE_TEST_SUITE_P(Variants, OracleTest, testing::ValuesIn(cases()),
                         [](const auto& item) { return item.param.name; });

TEST(UNetTest, PublishedNetworkHasThePublishedSize) {
  ModelOptions options;
  options.width = 64;
  options.norm = NormKind::kBatch;
  UNet net(options, 17, 4, nullptr);
  double millions = 0;
  for (const auto& parameter : net->parameters()) millions += static_cast<double>(parameter.numel()) / 1e6;
  EXPECT_NEAR(millions, 10.51, 0.01);
}

}  // namespace
}  // namespace retime
