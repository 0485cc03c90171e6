"""The drawing of how figures grow: every figure is where it belongs."""

from xml.etree import ElementTree as ET

from bench.growth import draw

SVG = "{http://www.w3.org/2000/svg}"
SIZES = (1_000_000, 3_000_000, 10_000_000)
SERIES = {"a": [1.0, 1.0, 1.0], "b": [10.0, 30.0, 100.0], "c": [5.0, 5.0, 5.0], "d": [2.0, 20.0, 200.0]}


def test_each_series_is_a_line_through_its_figures_and_is_named() -> None:
    picture = ET.fromstring(draw("How it grows", SIZES, SERIES, "ms"))  # noqa: S314 -- our own text
    points = [
        [tuple(map(float, point.split(","))) for point in line.attrib["points"].split()]
        for line in picture.iter(f"{SVG}polyline")
    ]
    assert [len(line) for line in points] == [3, 3, 3, 3]
    flat, rising, _, steep = points
    assert len({y for _, y in flat}) == 1
    assert rising[0][1] > rising[1][1] > rising[2][1]  # more milliseconds are higher up
    assert [x for x, _ in flat] == [x for x, _ in rising] == sorted(x for x, _ in flat)
    assert steep[2][1] < rising[2][1]
    words = ["".join(text.itertext()) for text in picture.iter(f"{SVG}text")]
    assert words[-4:] == ["a: 1 ms", "b: 100 ms", "c: 5 ms", "d: 200 ms"]
    assert [word for word in words if "lines" in word] == ["1 M lines", "3 M lines", "10 M lines"]
