#include "catalog/catalog_list.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.hpp"
#include "core/temporary_folder.hpp"

namespace fs = std::filesystem;

namespace retime::catalog {
namespace {

using test::TemporaryFolder;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

const std::vector<std::string> kOptions{"edit", "masks", "homographies", "config", "epochs", "size", "objects"};

Catalog read(const TemporaryFolder& folder, const std::string& text, const std::string& name = "list.csv") {
  test::write_bytes(folder / name, text);
  return read_catalog(folder / name, kOptions);
}

std::string fault(const std::string& text) {
  const TemporaryFolder folder;
  return test::message_of<UsageError>([&] { read(folder, text); });
}

TEST(CatalogList, CsvAndJsonLinesSayTheSame) {
  const TemporaryFolder folder;
  const auto csv = read(folder,
                        "\xEF\xBB\xBF"
                        "clip,name, epochs ,masks,size\r\nin/a.mp4,anna,3,m,\r\n/x/b.mp4,,,,64x32\r\n");
  const auto json =
      read(folder,
           "{\"clip\": \"in/a.mp4\", \"name\": \"anna\", \"epochs\": 3, \"masks\": \"m\", \"size\": null}\n\n"
           "{\"clip\": \"/x/b.mp4\", \"size\": \"64x32\"}\r\n",
           "list.jsonl");
  for (const auto& catalog : {csv, json}) {
    ASSERT_EQ(catalog.entries.size(), 2U);
    const auto& anna = catalog.entries[0];
    EXPECT_EQ(anna.name, "anna");
    EXPECT_EQ(anna.clip, folder / "in/a.mp4") << "relative to the list";
    EXPECT_THAT(anna.options, ElementsAre(Pair("epochs", "3"), Pair("masks", (folder / "m").string())));
    EXPECT_THAT(anna.inputs, ElementsAre(folder / "in/a.mp4", folder / "m"));
    EXPECT_EQ(catalog.entries[1].name, "b") << "named after the clip";
    EXPECT_EQ(catalog.entries[1].index, 1);
    EXPECT_THAT(catalog.entries[1].options, ElementsAre(Pair("size", "64x32")));
  }
  EXPECT_EQ(csv.entries[1].line, 3);
  EXPECT_EQ(json.entries[1].line, 3);
  EXPECT_EQ(csv.entries[0].written, json.entries[0].written);
}

TEST(CatalogList, JsonValuesAreThoseOfACommandLine) {
  const TemporaryFolder folder;
  const auto catalog = read(folder, R"({"clip": "a.mp4", "epochs": 0.5, "size": [1, 2.5], "objects": true})");
  EXPECT_THAT(catalog.entries[0].options,
              ElementsAre(Pair("epochs", "0.5"), Pair("size", "1,2.5"), Pair("objects", "true")));
}

TEST(CatalogList, AConfigurationIsAFileBesideTheListOrAName) {
  const TemporaryFolder folder;
  test::write_bytes(folder / "mine.cfg", "");
  const auto catalog = read(folder, "clip,config\na.mp4,mine.cfg\nb.mp4,preview\n");
  EXPECT_THAT(catalog.entries[0].options, ElementsAre(Pair("config", (folder / "mine.cfg").string())));
  EXPECT_EQ(catalog.entries[0].inputs.size(), 2U);
  EXPECT_THAT(catalog.entries[1].options, ElementsAre(Pair("config", "preview")));
  EXPECT_EQ(catalog.entries[1].inputs.size(), 1U);
}

TEST(CatalogList, MistakesAreOneSentenceWithTheLine) {
  EXPECT_THAT(fault("clip,epoch\na.mp4,3\n"),
              HasSubstr("list.csv line 1: unknown key 'epoch' (did you mean 'epochs'?)"));
  EXPECT_THAT(fault("{\"clip\": \"a\"}\n{\"clip\": \"b\", \"sice\": 3}\n"),
              HasSubstr("list.csv line 2: unknown key 'sice'"));
  EXPECT_THAT(fault("clip,name\na.mp4,x\n\nb.mp4,x\n"), HasSubstr("line 4: the name 'x' is that of line 2"));
  EXPECT_THAT(fault("clip\n1/a.mp4\n2/a.mp4\n"), HasSubstr("line 3: the name 'a' is that of line 2"));
  EXPECT_THAT(fault("name\nx\n"), HasSubstr("line 1: no column 'clip'"));
  EXPECT_THAT(fault("clip;name\na.mp4;x\n"), HasSubstr("semicolons"));
  EXPECT_THAT(fault("clip,name\na.mp4\n"), HasSubstr("line 2: 1 fields under 2 columns"));
  EXPECT_THAT(fault("clip,name,name\n"), HasSubstr("twice"));
  EXPECT_THAT(fault("clip,,name\n"), HasSubstr("without a name"));
  EXPECT_THAT(fault("clip,name\n,x\n"), HasSubstr("line 2: no clip"));
  EXPECT_THAT(fault("[{\"clip\": \"a\"}]"), HasSubstr("one object a line"));
  EXPECT_THAT(fault("{\"clip\": \"a\"}\n{\"clip\": \n"), HasSubstr("line 2: no JSON object"));
  EXPECT_THAT(fault("{\"clip\": {\"a\": 1}}\n"), HasSubstr("'clip' is an object"));
  EXPECT_THAT(fault("{\"clip\": 5, \"epochs\": {}}"), HasSubstr("'epochs' is an object"));
  EXPECT_THAT(fault(""), HasSubstr("no videos (it is empty)"));
  EXPECT_THAT(fault("clip\n\n"), HasSubstr("no videos (nothing but a header)"));
  EXPECT_THAT(fault(std::string("c\0l\0", 4)), HasSubstr("not text"));
  EXPECT_THAT(test::message_of<Error>([] { read_catalog("/nonexistent/list.csv", {}); }), HasSubstr("No such file"));
  EXPECT_THAT(test::message_of<Error>([] { read_catalog("/tmp", {}); }), HasSubstr("it is a folder"));
}

TEST(CatalogList, NamesMustServeAsFolders) {
  for (const std::string name : {"a/b", "..", ".hidden", "index.html", "catalog.json", "logs"})
    EXPECT_THAT(fault("clip,name\na.mp4," + name + "\n"), HasSubstr("line 2: the name '" + name + "'")) << name;
  EXPECT_THAT(fault("clip,name\na.mp4,\"a\nb\"\n"), HasSubstr("control character"));
  EXPECT_THAT(fault("clip,name\na.mp4," + std::string(201, 'x') + "\n"), HasSubstr("longer"));
  EXPECT_EQ(fault("clip,name\na.mp4,Größe <1> & \xF0\x9F\x8E\xAC\n"), "");
}

TEST(CatalogList, MissingInputsNameTheLine) {
  const TemporaryFolder folder;
  test::write_bytes(folder / "a.mp4", "x");
  const auto catalog = read(folder, "clip,name,masks\na.mp4,x,\nnone.mp4,y,\na.mp4,z,none\n");
  EXPECT_EQ(missing_input(catalog, catalog.entries[0]), "");
  EXPECT_THAT(missing_input(catalog, catalog.entries[1]), HasSubstr("list.csv line 3: cannot open"));
  EXPECT_THAT(missing_input(catalog, catalog.entries[2]), HasSubstr((folder / "none").string()));
}

TEST(CatalogList, StampsTellWhenInputsChange) {
  const TemporaryFolder folder;
  test::write_bytes(folder / "a.mp4", "x");
  fs::create_directories(folder / "m/01");
  const auto catalog = read(folder, "clip,masks\na.mp4,m\n");
  const auto& entry = catalog.entries[0];
  const auto first = input_stamp(entry);
  EXPECT_EQ(input_stamp(entry), first);
  test::write_bytes(folder / "a.mp4", "longer");
  const auto second = input_stamp(entry);
  EXPECT_NE(second, first);
  fs::last_write_time(folder / "m/01", fs::last_write_time(folder / "m/01") + std::chrono::seconds(5));
  EXPECT_NE(input_stamp(entry), second);
}

TEST(CatalogList, VideosAreFoundByName) {
  const TemporaryFolder folder;
  const auto catalog = read(folder, "clip,name\na.mp4,anna\nb.mp4,ben\n");
  EXPECT_EQ(catalog.find("ben").index, 1);
  EXPECT_THAT(test::message_of<UsageError>([&] { catalog.find("bem"); }), HasSubstr("did you mean 'ben'"));
}

}  // namespace
}  // namespace retime::catalog
