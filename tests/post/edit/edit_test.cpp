#include "post/edit/edit.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "core/error.hpp"
#include "core/temporary_folder.hpp"

namespace retime {
namespace {

using test::message_of;
using test::TemporaryFolder;

const EditContext kContext = {{"background", "person_1", "person_2", "person_3"}, 100, {30, 1}};

Edit parse(const std::string& text) { return parse_edit(nlohmann::json::parse(text), kContext); }

template <class V>
V only_verb(const std::string& text) {
  const Edit edit = parse(R"({"edits": [)" + text + "]}");
  return std::get<V>(edit.edits.at(0).verb);
}

TEST(Edit, TheEmptyEditIsTheIdentity) {
  const Edit edit = parse("{}");
  EXPECT_FALSE(edit.output_frames.has_value());
  EXPECT_FALSE(edit.loop);
  EXPECT_TRUE(edit.edits.empty());
}

TEST(Edit, OutputLengthInFramesOrSeconds) {
  EXPECT_EQ(parse(R"({"output": {"frames": 120, "loop": true}})").output_frames, 120);
  EXPECT_TRUE(parse(R"({"output": {"frames": 120, "loop": true}})").loop);
  EXPECT_EQ(parse(R"({"output": {"frames": "2.5s"}})").output_frames, 75);
}

TEST(Edit, LayersByNameIndexListAndAll) {
  const auto layers = [](const std::string& layer) {
    return parse(R"({"edits": [{"remove": true, "layer": )" + layer + "}]}").edits.at(0).layers;
  };
  EXPECT_EQ(layers(R"("person_2")"), (std::vector<int>{2}));
  EXPECT_EQ(layers("3"), (std::vector<int>{3}));
  EXPECT_EQ(layers(R"(["person_3", 1, "person_1"])"), (std::vector<int>{1, 3}));
  EXPECT_EQ(layers(R"("all")"), (std::vector<int>{1, 2, 3}));
  EXPECT_EQ(layers(R"("background")"), (std::vector<int>{0}));
}

TEST(Edit, EveryVerbWithItsDefaults) {
  const auto freeze = only_verb<Freeze>(R"({"layer": 1, "freeze": {"at": 40}})");
  EXPECT_EQ(freeze.at, 40);
  EXPECT_EQ(freeze.from, 40);
  EXPECT_TRUE(std::isinf(freeze.to));
  EXPECT_EQ(freeze.after, AfterFreeze::kJump);
  EXPECT_EQ(only_verb<Offset>(R"({"layer": 1, "offset": "-0.5s"})").frames, -15);
  const auto speed = only_verb<Speed>(R"({"layer": 1, "speed": 0.5, "from": 30, "blend": true, "outside": "hold"})");
  EXPECT_EQ(speed.factor, 0.5);
  EXPECT_EQ(speed.from, 30);
  EXPECT_TRUE(std::isinf(speed.to));
  EXPECT_EQ(speed.sampling, Sampling::kBlend);
  EXPECT_EQ(speed.outside, Outside::kHold);
  const auto duplicate =
      only_verb<Duplicate>(R"({"layer": 1, "duplicate": {"offset": 12, "opacity": 0.5, "count": 3}})");
  EXPECT_EQ(duplicate.offset, 12);
  EXPECT_EQ(duplicate.opacity, 0.5);
  EXPECT_EQ(duplicate.count, 3);
  const auto visible = only_verb<Visible>(R"({"layer": 1, "visible": [[0, 40], [60, "3s"]]})");
  EXPECT_EQ(visible.ranges, (std::vector<std::pair<double, double>>{{0, 40}, {60, 90}}));
}

TEST(Edit, ErrorsNamePlaceValueAndNearestName) {
  struct Case {
    const char* text;
    std::vector<const char*> parts;
  };
  const std::vector<Case> cases = {
      {R"({"edit": []})", {"'edit'", "edits"}},
      {R"({"edits": {}})", {"edits", "list"}},
      {R"({"edits": [7]})", {"edits[0]", "7"}},
      {R"({"edits": [{"layer": 1}]})", {"edits[0]", "remove"}},
      {R"({"edits": [{"layer": 1, "freez": {"at": 1}}]})", {"'freez'", "edits[0]", "freeze"}},
      {R"({"edits": [{"layer": 1, "remove": true}, {"layer": "persn_2", "remove": true}]})",
       {"edits[1].layer", "persn_2", "person_2"}},
      {R"({"edits": [{"layer": 9, "remove": true}]})", {"edits[0].layer", "9", "3"}},
      {R"({"edits": [{"remove": true}]})", {"edits[0].layer", "missing"}},
      {R"({"edits": [{"layer": [], "remove": true}]})", {"edits[0].layer", "empty"}},
      {R"({"edits": [{"layer": 1, "remove": true, "offset": 3}]})", {"edits[0]", "remove", "offset", "two edits"}},
      {R"({"edits": [{"layer": 1, "offset": 3, "blend": true}]})", {"'blend'", "edits[0]"}},
      {R"({"edits": [{"layer": 1, "offset": "3 s"}]})", {"edits[0].offset", "3 s", "2.5s"}},
      {R"({"edits": [{"layer": 1, "speed": 0}]})", {"edits[0].speed", "0"}},
      {R"({"edits": [{"layer": 1, "freeze": {"at": 4, "from": 9, "to": 5}}]})", {"edits[0].freeze.to", "5"}},
      {R"({"edits": [{"layer": 1, "freeze": {"from": 9}}]})", {"edits[0].freeze.at", "missing"}},
      {R"({"edits": [{"layer": 1, "freeze": {"at": 9, "until": 12}}]})", {"'until'", "edits[0].freeze", "to"}},
      {R"({"edits": [{"layer": 1, "duplicate": {"offset": 3, "opacity": 2}}]})", {"edits[0].duplicate.opacity", "2"}},
      {R"({"edits": [{"layer": 1, "visible": [[5, 3]]}]})", {"edits[0].visible", "[5,3]"}},
      {R"({"edits": [{"layer": 1, "offset": 3, "outside": "holdd"}]})", {"edits[0].outside", "holdd", "hold"}},
      {R"({"edits": [{"layer": 1, "offset": 1e300}]})", {"edits[0].offset", "1e+300", "further away"}},
      {R"({"edits": [{"layer": 1, "visible": [[0, "1e300s"]]}]})", {"edits[0].visible", "further away"}},
      {R"({"edits": [{"layer": 1, "speed": 1e308}]})", {"edits[0].speed", "1e+308", "above 1000000"}},
      {R"({"output": {"frames": 0}})", {"output.frames", "0"}},
  };
  for (const Case& wrong : cases) {
    const std::string message = message_of<Error>([&] { parse(wrong.text); });
    EXPECT_FALSE(message.empty()) << wrong.text;
    for (const char* part : wrong.parts) EXPECT_NE(message.find(part), std::string::npos) << message;
  }
}

TEST(LoadEdit, NamesTheFileAndTheLine) {
  const TemporaryFolder folder;
  EXPECT_NE(message_of<Error>([&] { load_edit(folder / "none.json", kContext); }).find("none.json"), std::string::npos);
  std::ofstream(folder / "a.json") << "{\n  \"edits\": [,]\n}";
  const std::string malformed = message_of<Error>([&] { load_edit(folder / "a.json", kContext); });
  EXPECT_NE(malformed.find("a.json"), std::string::npos);
  EXPECT_NE(malformed.find("line 2"), std::string::npos) << malformed;
  std::ofstream(folder / "b.json") << R"({"edits": [{"layer": 8, "remove": true}]})";
  EXPECT_NE(message_of<Error>([&] { load_edit(folder / "b.json", kContext); }).find("b.json"), std::string::npos);
  std::ofstream(folder / "c.json") << R"({"edits": [{"layer": 1, "offset": 1e999}]})";
  EXPECT_NE(message_of<Error>([&] { load_edit(folder / "c.json", kContext); }).find("c.json"), std::string::npos);
  EXPECT_NE(message_of<Error>([&] { load_edit(folder.path(), kContext); }).find("it is a folder"), std::string::npos);
}

TEST(LoadEdit, NamesTheLineOfAMistake) {
  const TemporaryFolder folder;
  const auto file = folder / "a.json";
  const auto place_of_mistake = [&](const std::string& text) {
    std::ofstream(file) << text;
    const std::string message = message_of<Error>([&] { load_edit(file, kContext); });
    const auto begin = message.find("line "), end = message.find(": ", begin);
    return begin == message.npos ? message : message.substr(begin, end - begin);
  };
  EXPECT_EQ(place_of_mistake("{\n\"edits\": [\n{\"layer\": 1,\n\"remove\": true},\n{\"layer\": 1,\n\"ofset\": 3}]}"),
            "line 6");
  EXPECT_EQ(place_of_mistake("{\"edits\": [],\n\"edits[0]\": 1}"), "line 2");
  EXPECT_EQ(place_of_mistake("{\"edits\": [{\"layer\": 1,\n\"freeze\": {\n\"at\":\n\"soon\"}}]}"), "line 3");
  EXPECT_EQ(place_of_mistake("{\"edits\": [{\"layer\": 1,\n\"freeze\": {\n\"to\": 4}}]}"), "line 2")
      << "of what lacks a key";
  EXPECT_EQ(place_of_mistake("{\"edits\": [\n7]}"), "line 2");
  EXPECT_EQ(place_of_mistake("{\"edits\": [\n{\"layer\": 1}]}"), "line 2");
  EXPECT_EQ(place_of_mistake("\n[]"), "line 2");
  EXPECT_EQ(place_of_mistake("{\"edits\": [],\n\"edits\": []}"), "line 2");
}

TEST(LoadEdit, TakesCommentsAndNoKeyTwice) {
  const TemporaryFolder folder;
  const auto file = folder / "a.json";
  std::ofstream(file)
      << "// meet\n{\"edits\": [{\"layer\": 1, /* later */ \"offset\": 3}, {\"layer\": 1, \"offset\": 4}]}";
  EXPECT_EQ(load_edit(file, kContext).edits.size(), 2U);
  for (const char* text : {R"({"edits": [{"layer": 1, "remove": true}], "edits": []})",
                           R"({"edits": [{"layer": 1, "offset": 5, "offset": 20}]})"}) {
    std::ofstream(file) << text;
    const std::string message = message_of<Error>([&] { load_edit(file, kContext); });
    EXPECT_NE(message.find("a.json"), std::string::npos) << message;
    EXPECT_NE(message.find("stands twice"), std::string::npos) << message;
  }
}

}  // namespace
}  // namespace retime
