// On paper: what changes when the page is printed, and back.

const PAGE = 670; // pixels of a printed page's height: A4 across, between its margins

// On paper: light, as wide as the paper, and no tile longer than a page. A browser that was asked to
// print does not wait, so everything that must be there is done before the first `await`.
let before = null;
function paper() {
  if (before !== null) return Promise.resolve();
  before = dark;
  dark = false;
  document.body.classList.add("paper");
  paint();
  const spots = Object.values(places);
  const drawn = spots.filter((spot) => spot.picture).map(picture);
  for (const spot of spots) {
    for (const rows of spot.querySelectorAll(".rows")) {
      const lines = [...rows.querySelectorAll("tbody tr")];
      let over = spot.offsetHeight + 24 - (PAGE - 150); // room for what stands below the last tile
      let left = lines.length;
      while (over > 0 && left > 1) over -= lines[--left].offsetHeight;
      if (left < lines.length) cut(rows, rows.nextSibling, left);
    }
    spot.parentNode.classList.toggle("long", spot.offsetHeight > PAGE);
  }
  return Promise.all(drawn);
}
function screen() {
  if (before === null) return;
  dark = before;
  before = null;
  document.body.classList.remove("paper");
  paint();
  show();
}
// In a frame out of sight a browser may draw no frames: what waits for one is not waited for long.
async function print() {
  const later = (time) => new Promise((done) => setTimeout(done, time));
  await Promise.race([paper().then(() => later(50)), later(1500)]);
  window.print();
}
