// Laws of the labels in the accuracy plot, over clouds of discs.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <regex>

#include "search_space/random.h"
#include "synth/report/comparison.h"
#include "synth/report/label_placement.h"
#include "synth/report/svg.h"
#include "xml.h"

using namespace synth::report;
using namespace synth::report::test;
using Catch::Contains;

namespace {

constexpr Rectangle frame = {70, 88, 710, 468};
constexpr double height = 11.55;

struct Cloud {
  std::vector<Disc> discs;
  std::vector<double> widths;
};

double nearest_other(const std::vector<Disc>& discs, std::size_t own, const Rectangle& box) {
  double nearest = INFINITY;
  for (std::size_t i = 0; i < discs.size(); ++i) {
    if (i != own) nearest = std::min(nearest, gap(box, discs[i]));
  }
  return nearest;
}

// What breaks a law; empty if nothing does.
std::string fault(const Cloud& cloud) {
  const auto labels = place_labels(frame, cloud.discs, cloud.widths, height);
  if (labels.size() != cloud.discs.size()) return "not one label per disc";
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const Rectangle& box = labels[i].box;
    const std::string name = "label " + std::to_string(i);
    if (std::abs(box.right - box.left - cloud.widths[i]) > 1e-6) return name + " has not its width";
    for (std::size_t k = 0; k < labels.size(); ++k) {
      if (k != i && overlap(box, labels[k].box)) return name + " lies on label " + std::to_string(k);
      if (gap(box, cloud.discs[k]) < 0) return name + " lies on disc " + std::to_string(k);
    }
    const double own = gap(box, cloud.discs[i]);
    if (!labels[i].leader) {
      if (nearest_other(cloud.discs, i, box) < own + clear_lead) return name + " may be taken for another disc's";
      const double middle = (box.top + box.bottom) / 2;
      for (std::size_t k = 0; k < labels.size(); ++k) {
        const Disc& other = cloud.discs[k];
        const double reach = other.radius + level_reach;
        if (k == i || other.x + reach <= box.left || other.x - reach >= box.right) continue;
        if (std::abs(middle - other.y) < std::abs(middle - cloud.discs[i].y) + clear_lead) {
          return name + " is level with another disc";
        }
      }
      continue;
    }
    const Segment& leader = *labels[i].leader;
    const Disc start{leader.x1, leader.y1, 0}, &disc = cloud.discs[i];
    if (gap(box, start) > 3) return name + "'s leader begins elsewhere";
    if (std::hypot(leader.x2 - disc.x, leader.y2 - disc.y) > disc.radius) return name + "'s leader misses its disc";
  }
  return {};
}

Cloud drawn(std::uint64_t seed, int count, double widest, double longest) {
  search_space::Random random(seed);
  Cloud cloud;
  for (int i = 0; i < count; ++i) {
    cloud.discs.push_back({100 + 580 * random.uniform(), 110 + 330 * random.uniform(), 3 + widest * random.uniform()});
    cloud.widths.push_back(20 + longest * random.uniform());
  }
  return cloud;
}

Cloud diagonal(int count, double width) {
  Cloud cloud;
  for (int i = 0; i < count; ++i) {
    cloud.discs.push_back({200 + 380.0 * i / count, 425 - 300.0 * i / count, 30 - 0.7 * i});
    cloud.widths.push_back(width);
  }
  return cloud;
}

ComparedNetwork network(const std::string& name, double accuracy, std::int64_t parameters, std::int64_t multiply_adds) {
  return {name, accuracy, {parameters, 0, multiply_adds, 0}, 32, {}};
}

std::vector<std::string> labels_in(const std::string& svg) {
  std::vector<std::string> found;
  const std::regex label(R"re(<text [^>]*paint-order[^>]*>([^<]+)<)re");
  for (std::sregex_iterator i(svg.begin(), svg.end(), label), end; i != end; ++i) found.push_back((*i)[1]);
  return found;
}

}  // namespace

TEST_CASE("labels keep off discs and each other, and belong to one disc each") {
  for (const int count : {1, 2, 4, 8, 16, 40, 80}) {
    for (std::uint64_t seed = 1; seed <= 4; ++seed) {
      for (const double longest : {60.0, 250.0, 620.0, 900.0}) {
        CAPTURE(count, seed, longest);
        CHECK(fault(drawn(seed, count, 27, longest)).empty());
      }
    }
  }
  for (const double width : {60.0, 145.0, 280.0}) CHECK(fault(diagonal(11, width)).empty());
  Cloud equal;
  for (int i = 0; i < 6; ++i) {
    equal.discs.push_back({300, 200, 20});
    equal.widths.push_back(150);
  }
  CHECK(fault(equal).empty());
}

TEST_CASE("a disc apart has its label beside it, and one that others cover is pointed at where it is seen") {
  const Cloud apart{{{200, 200, 30}, {550, 200, 5}, {300, 400, 12}}, {200, 200, 200}};
  for (const Label& label : place_labels(frame, apart.discs, apart.widths, height)) CHECK(!label.leader);
  Cloud column;
  for (int i = 0; i < 8; ++i) {
    column.discs.push_back({400, 150 + 18.0 * i, 20});
    column.widths.push_back(145);
  }
  CHECK(fault(column).empty());
  const auto labels = place_labels(frame, column.discs, column.widths, height);
  int leaders = 0;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (!labels[i].leader) continue;
    ++leaders;
    const Rectangle end{labels[i].leader->x2, labels[i].leader->y2, labels[i].leader->x2, labels[i].leader->y2};
    CHECK(nearest_other(column.discs, i, end) > 0);
  }
  CHECK(leaders > 0);
}

TEST_CASE("options that all networks share stand in the caption, not in the labels") {
  Comparison comparison;
  const std::string options = ",stem=small,size=64,classes=50";
  comparison.networks = {network("mobilenet_v1" + options, 0.3996, 3'247'000, 185'400'000),
                         network("shufflenet_v2" + options, 0.38, 1'297'000, 45'000'000),
                         network("attonet_d" + options + ",width=0.5", 0.2744, 316'000, 30'800'000),
                         network("attendnet_style" + options, 0.4044, 800'000, 50'000'000)};
  const std::string svg = comparison_svg(comparison);
  CHECK(xml_fault(svg).empty());
  auto labels = labels_in(svg);
  std::sort(labels.begin(), labels.end());
  CHECK(labels == std::vector<std::string>{"attendnet_style", "attonet_d,width=0.5", "mobilenet_v1", "shufflenet_v2"});
  CHECK_THAT(svg, Contains("all with stem=small, size=64, classes=50<") && Contains("mobilenet_v1" + options + ": "));
  comparison.networks.resize(1);
  CHECK(labels_in(comparison_svg(comparison)) == std::vector<std::string>{"mobilenet_v1" + options});
  CHECK_THAT(comparison_svg(comparison), !Contains("all with"));
}

TEST_CASE("what the plot has no room for stands beside it, in a picture that is wide enough") {
  Comparison comparison;
  for (int i = 0; i < 3; ++i) {
    comparison.networks.push_back(network(std::string(120, static_cast<char>('a' + i)), 0.5 + 0.1 * i, 1000, 1000000));
  }
  const std::string svg = comparison_svg(comparison);
  CHECK(xml_fault(svg).empty());
  CHECK(labels_in(svg).size() == 3);
  std::smatch width;
  REQUIRE(std::regex_search(svg, width, std::regex(R"re( width="([0-9]+)")re")));
  CHECK(std::stod(width[1]) > frame.right + text_width(comparison.networks[0].name, 11));
}
