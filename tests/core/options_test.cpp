#include "core/options.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.hpp"
#include "core/temporary_folder.hpp"

namespace retime {
namespace {

using test::message_of;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

enum class Norm { kBatch, kGroup };

struct Settings {
  int epochs = 200;
  double rate = 1e-3;
  bool bf16 = false;
  Norm norm = Norm::kGroup;
  std::string sparsity = "composite", output;
  std::vector<double> weights{50, 5, 0};

  OptionTable table() {
    OptionTable result;
    result.add("files", "output", output, "folder of the fit");
    result.add_short('o', "output");
    result.add_choice("model", "norm", norm, {{"batch", Norm::kBatch}, {"group", Norm::kGroup}}, "normalisation");
    result.add_choice("loss", "sparsity", sparsity, {"per_layer", "composite"}, "what is kept sparse");
    result.add("train", "epochs", epochs, "passes over the clip");
    result.add("train", "learning-rate", rate, "step size of Adam");
    result.add("train", "bf16", bf16, "convolutions in bfloat16");
    result.add("train", "mask-weights", weights, "three weights");
    return result;
  }
};

TEST(Options, CommandLineWinsOverFileOverDefault) {
  Settings settings;
  auto table = settings.table();
  table.read_text("[train]\nepochs = 50\nlearning-rate = 0.5\n", "a.cfg");
  EXPECT_THAT(table.read_arguments({"--epochs", "7"}), ElementsAre());
  EXPECT_EQ(settings.epochs, 7);
  EXPECT_EQ(settings.rate, 0.5);
  EXPECT_EQ(settings.norm, Norm::kGroup);
}

TEST(Options, FileSetsEveryTypeAndAllowsComments) {
  Settings settings;
  const test::TemporaryFolder folder;
  test::write_bytes(folder / "a.cfg",
                    "# a comment\n[train]\nepochs = 3  # passes\nbf16 = true\nmask-weights = 1,0.5,-2e3\n\n"
                    "[model]\nnorm = batch\n");
  settings.table().read_file(folder / "a.cfg");
  EXPECT_EQ(settings.epochs, 3);
  EXPECT_TRUE(settings.bf16);
  EXPECT_THAT(settings.weights, ElementsAre(1, 0.5, -2000));
  EXPECT_EQ(settings.norm, Norm::kBatch);
}

TEST(Options, CommandLineFormsMeanTheSame) {
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{{"scene.h5", "--epochs", "7", "-o", "run"},
                                             {"--epochs=7", "-orun", "scene.h5"},
                                             {"--output", "run", "scene.h5", "--epochs=7"}}) {
    Settings settings;
    EXPECT_THAT(settings.table().read_arguments(arguments), ElementsAre("scene.h5"));
    EXPECT_EQ(settings.epochs, 7);
    EXPECT_EQ(settings.output, "run");
  }
}

TEST(Options, FlagsTakeTrueOrFalseAsTheNextWord) {
  Settings settings;
  auto table = settings.table();
  EXPECT_THAT(table.read_arguments({"--bf16", "true", "scene.h5"}), ElementsAre("scene.h5"));
  EXPECT_TRUE(settings.bf16);
  EXPECT_THAT(table.read_arguments({"scene.h5", "--bf16", "false"}), ElementsAre("scene.h5"));
  EXPECT_FALSE(settings.bf16);
}

TEST(Options, FlagsNeedNoValueAndTakeNoPositional) {
  Settings settings;
  EXPECT_THAT(settings.table().read_arguments({"--bf16", "scene.h5"}), ElementsAre("scene.h5"));
  EXPECT_TRUE(settings.bf16);
  settings.table().read_arguments({"--bf16=false"});
  EXPECT_FALSE(settings.bf16);
  auto table = settings.table();
  table.add_short('b', "bf16");
  EXPECT_THAT(table.read_arguments({"-b", "scene.h5"}), ElementsAre("scene.h5"));
  EXPECT_TRUE(settings.bf16);
}

TEST(Options, UnknownOptionNamesTheNearest) {
  Settings settings;
  auto table = settings.table();
  for (const char* argument : {"--epoch", "--epoch=2000", "--epocs=1"})
    EXPECT_THAT(message_of<UsageError>([&] { table.read_arguments({argument}); }),
                AllOf(HasSubstr("unknown option"), HasSubstr("'--epochs'")));
  EXPECT_THAT(message_of<UsageError>([&] {
                table.read_arguments({"--ep", "3"});
              }),
              HasSubstr("unknown option"))
      << "options are not guessed from their beginning";
  EXPECT_THAT(message_of<UsageError>([&] { table.read_arguments({"--wxyz"}); }),
              AllOf(HasSubstr("unknown option '--wxyz'"), testing::Not(HasSubstr("did you mean"))));
}

TEST(Options, UnknownKeyNamesFileAndNearestKey) {
  Settings settings;
  auto table = settings.table();
  EXPECT_THAT(message_of<UsageError>([&] { table.read_text("[train]\nepoch = 5\n", "my.cfg"); }),
              AllOf(HasSubstr("my.cfg"), HasSubstr("'train.epoch'"), HasSubstr("'train.epochs'")));
  EXPECT_THAT(message_of<UsageError>([&] { table.read_text("[trian]\nepochs = 5\n", "my.cfg"); }),
              HasSubstr("'train.epochs'"));
  EXPECT_EQ(settings.epochs, 200);
}

TEST(Options, UnknownKeyNamesItsLineAndTheSectionThatHasIt) {
  Settings settings;
  auto table = settings.table();
  const auto told = [&](const std::string& text) {
    return message_of<UsageError>([&] { table.read_text(text, "my.cfg"); });
  };
  EXPECT_EQ(told("# mine\n[train]\nnorm = batch\n"),
            "my.cfg line 3: unknown key 'train.norm': did you mean 'model.norm'?");
  EXPECT_THAT(told("[model]\nepoch = 3\n"),
              HasSubstr("line 2: unknown key 'model.epoch': did you mean 'train.epochs'?"));
  EXPECT_THAT(told("epochs = 3\n"), HasSubstr("line 1: unknown key 'epochs': did you mean 'train.epochs'?"));
  EXPECT_THAT(told("[train]\nmask_weights = 1\n"), HasSubstr("did you mean 'train.mask-weights'?"));
  EXPECT_THAT(told("[train]\n\nxyzxyzxyz = 1\n"), AllOf(HasSubstr("line 3"), HasSubstr("--dump-config")));
  EXPECT_THAT(told("[train]\nepochs = 3\nepochs = x # passes\n"), HasSubstr("my.cfg line 3: epochs = 'x'"));
  EXPECT_THAT(told("[train]\nepochs = 3\nno equals sign\n"), HasSubstr("my.cfg line 3: "));
}

TEST(Options, SectionsOfOtherCommandsAreAccepted) {
  Settings settings;
  auto table = settings.table();
  const std::string text = "[render]\nblock-frames = 4\n[train]\nepochs = 9\n";
  EXPECT_THROW(table.read_text(text, "a.cfg"), UsageError);
  table.accept_section("render");
  table.read_text(text, "a.cfg");
  EXPECT_EQ(settings.epochs, 9);
  EXPECT_THROW(table.read_text("[train]\nblock-frames = 4\n", "a.cfg"), UsageError);
}

TEST(Options, BadValuesAreToldWithOriginNameAndValue) {
  Settings settings;
  auto table = settings.table();
  const auto told = [&](const std::vector<std::string>& arguments) {
    return message_of<UsageError>([&] { table.read_arguments(arguments); });
  };
  EXPECT_THAT(told({"--epochs", "ten"}), AllOf(HasSubstr("epochs = 'ten'"), HasSubstr("whole number")));
  EXPECT_THAT(told({"--epochs", "1.5"}), HasSubstr("whole number"));
  EXPECT_THAT(told({"--epochs", "99999999999"}), HasSubstr("whole number"));
  EXPECT_THAT(told({"--epochs", ""}), HasSubstr("whole number"));
  EXPECT_THAT(told({"--learning-rate", "0.1x"}), HasSubstr("not a number"));
  EXPECT_THAT(told({"--mask-weights", "1,two,3"}), HasSubstr("list of numbers"));
  EXPECT_THAT(told({"--bf16=maybe"}), HasSubstr("neither true nor false"));
  EXPECT_THAT(told({"--sparsity", "per_layers"}), AllOf(HasSubstr("per_layer|composite"), HasSubstr("'per_layer'")));
  EXPECT_EQ(settings.sparsity, "composite");
  EXPECT_THAT(told({"--norm", "batsh"}), AllOf(HasSubstr("batch|group"), HasSubstr("did you mean 'batch'")));
  EXPECT_THAT(told({"--epochs"}), HasSubstr("--epochs"));
  EXPECT_THAT(message_of<UsageError>([&] { table.read_text("[train]\nepochs = x\n", "my.cfg"); }), HasSubstr("my.cfg"));
  EXPECT_THROW(table.read_text("[train]\nno equals sign\n", "my.cfg"), UsageError);
  EXPECT_THROW(table.read_file("/no/such/file.cfg"), UsageError);
}

TEST(Options, DumpReadsBackToTheSameValues) {
  Settings settings{
      .epochs = 12, .rate = 1.0 / 3, .bf16 = true, .norm = Norm::kBatch, .output = "a run", .weights = {0.1, 2}};
  const auto text = settings.table().dump();
  Settings copy;
  auto table = copy.table();
  table.read_text(text, "dump");
  EXPECT_EQ(copy.epochs, 12);
  EXPECT_EQ(copy.rate, 1.0 / 3) << "every digit counts";
  EXPECT_TRUE(copy.bf16);
  EXPECT_EQ(copy.norm, Norm::kBatch);
  EXPECT_EQ(copy.output, "a run");
  EXPECT_THAT(copy.weights, ElementsAre(0.1, 2));
  EXPECT_EQ(table.dump(), text);
}

TEST(Options, DumpOfEmptyValuesReadsBack) {
  Settings settings{.output = "", .weights = {}};
  Settings copy{.output = "before"};
  copy.table().read_text(settings.table().dump(), "dump");
  EXPECT_EQ(copy.output, "");
  EXPECT_TRUE(copy.weights.empty());
}

TEST(Options, DumpCanBeLimitedToSections) {
  Settings settings;
  EXPECT_EQ(settings.table().dump({"model"}), "[model]\nnorm = group\n");
}

TEST(Options, HelpShowsSectionsDefaultsChoicesAndShortForms) {
  Settings settings;
  auto table = settings.table();
  const auto help = table.help();
  EXPECT_THAT(help,
              AllOf(HasSubstr("\ntrain:\n"), HasSubstr("--epochs VALUE"), HasSubstr("passes over the clip [200]")));
  EXPECT_THAT(help, AllOf(HasSubstr("-o, --output VALUE"), HasSubstr("batch|group: normalisation [group]")));
  EXPECT_THAT(help, AllOf(HasSubstr("--bf16  "), HasSubstr("[false]"), HasSubstr("[0.001]"), HasSubstr("[50,5,0]")));
  settings.epochs = 3;
  EXPECT_EQ(table.help(), help) << "the help shows defaults, not values";
}

TEST(Options, HiddenSectionsComeFromTheFileOnly) {
  Settings settings;
  auto table = settings.table();
  table.show_section("train");
  EXPECT_THAT(table.help(), testing::Not(HasSubstr("--norm")));
  EXPECT_THROW(table.read_arguments({"--norm", "batch"}), UsageError);
  table.read_text("[model]\nnorm = batch\n", "a.cfg");
  EXPECT_EQ(settings.norm, Norm::kBatch);
}

TEST(Options, NumbersAreFinite) {
  Settings settings;
  auto table = settings.table();
  for (const char* text : {"nan", "inf", "-inf"}) {
    EXPECT_THROW(table.read_arguments({"--rate", text}), UsageError) << text;
    EXPECT_THROW(table.read_arguments({"--weights", std::string("1,") + text}), UsageError) << text;
  }
  EXPECT_EQ(settings.rate, 0.001);
}

TEST(Options, HelpLinesFitATerminal) {
  Settings settings;
  std::string text;
  OptionTable table;
  table.add("a", "an-option-with-a-name-too-long-for-its-column", text,
            std::string(50, 'x') + " " + std::string(50, 'y'));
  std::istringstream lines(table.help());
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 120U) << line;
}

TEST(Suggestion, NamesOnlyWhatIsNear) {
  const std::vector<std::string> known{"epochs", "batch-frames"};
  EXPECT_EQ(suggestion("epoch", known), " (did you mean 'epochs'?)");
  EXPECT_EQ(suggestion("batchframes", known), " (did you mean 'batch-frames'?)");
  EXPECT_EQ(suggestion("BATCH_FRAMES", known), " (did you mean 'batch-frames'?)");
  EXPECT_EQ(suggestion("norm", known), "");
  EXPECT_EQ(suggestion("epoch", {}), "");
}

TEST(ThreadLimit, IsWhatTheEnvironmentSays) {
  ::unsetenv("RETIME_THREADS");
  EXPECT_EQ(thread_limit(), 0);
  for (const auto& [text, limit] : {std::pair("3", 3), std::pair("", 0), std::pair("-1", 0), std::pair("many", 0)}) {
    ::setenv("RETIME_THREADS", text, 1);
    EXPECT_EQ(thread_limit(), limit) << text;
  }
  ::unsetenv("RETIME_THREADS");
}

}  // namespace
}  // namespace retime
