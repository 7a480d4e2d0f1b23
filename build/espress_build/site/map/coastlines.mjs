// Print the coastlines of a world map and of a map of Europe, and a point within each country, as JSON.
//
// node coastlines.mjs NPM     NPM: the folder in which `npm ci` installed the libraries
//
// Shapes are Natural Earth's, which are in the public domain. Coordinates are whole units of each map's own width.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const installed = createRequire(pathToFileURL(`${process.argv[2]}/`));
const { feature, merge } = installed("topojson-client");
const { geoArea, geoConicConformal, geoEqualEarth, geoPath } = await import(pathToFileURL(installed.resolve("d3-geo")));
const read = (path) => JSON.parse(readFileSync(installed.resolve(path), "utf8"));

const ANTARCTICA = "010"; // holds no outlet, and would take a fifth of the height
const SMALLEST = 3; // square units; smaller islands are left out

const coarse = read("world-atlas/countries-110m.json");
const shown = coarse.objects.countries.geometries.filter((country) => country.id !== ANTARCTICA);
const land = merge(coarse, shown);

// The path of the rings that a projection draws, in whole numbers, each point relative to the one before.
function draw(projection) {
  let path = "", ring = [];
  const finish = () => {
    let area = 0;
    ring.forEach(([x, y], n) => {
      const [nextX, nextY] = ring[(n + 1) % ring.length];
      area += (x * nextY - nextX * y) / 2;
    });
    if (ring.length > 2 && Math.abs(area) >= SMALLEST) {
      path += `M${ring[0]}l`;
      path += ring.slice(1).map(([x, y], n) => `${x - ring[n][0]} ${y - ring[n][1]}`).join(" ").replaceAll(" -", "-");
      path += "z";
    }
    ring = [];
  };
  const add = (x, y) => {
    const point = [Math.round(x), Math.round(y)];
    const last = ring.at(-1);
    if (!last || last[0] !== point[0] || last[1] !== point[1]) ring.push(point);
  };
  geoPath(projection, { moveTo: (x, y) => { finish(); add(x, y); }, lineTo: add, closePath: finish, arc: () => {} })(land);
  finish();
  return path;
}

// The middle of a country's largest part, so that France's is not in the Atlantic.
function middle(projection, country) {
  const parts = country.geometry.type === "Polygon" ? [country.geometry.coordinates] : country.geometry.coordinates;
  const polygons = parts.map((coordinates) => ({ type: "Polygon", coordinates }));
  const largest = polygons.reduce((one, other) => (geoArea(other) > geoArea(one) ? other : one));
  return geoPath(projection).centroid(largest).map(Math.round);
}

const europe = { type: "MultiPoint", coordinates: [[-9, 36], [34, 36], [-4, 64], [30, 64]] };
const maps = {
  world: { width: 960, height: 450, projection: geoEqualEarth().rotate([-11, 0]).fitWidth(960, land) },
  europe: {
    width: 480,
    height: 450,
    projection: geoConicConformal().rotate([-15, 0]).parallels([40, 60]).fitExtent([[0, 0], [480, 450]], europe),
  },
};
const fine = read("world-atlas/countries-50m.json");
const countries = feature(fine, fine.objects.countries).features;
const alpha2 = new Map(read("i18n-iso-countries/codes.json").map(([two, , numeric]) => [numeric, two]));
const answer = {};
for (const [name, { width, height, projection }] of Object.entries(maps)) {
  const points = {};
  for (const country of countries) {
    const code = alpha2.get(String(country.id).padStart(3, "0"));
    const [x, y] = code && !(code in points) ? middle(projection, country) : [];
    if (x >= 0 && x <= width && y >= 0 && y <= height) points[code] = [x, y];
  }
  const land = draw(name === "world" ? projection : projection.clipExtent([[0, 0], [width, height]]));
  answer[name] = { width, height, land, points };
}
process.stdout.write(JSON.stringify(answer));
