// A folder as one zip file whose bytes stay where they are: nothing is copied, and nothing packed.
const TABLE = new Uint32Array(256).map((_, n) => {
  for (let k = 0; k < 8; k++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1;
  return n;
});

async function checksum(file, seen) {
  let sum = 0xffffffff;
  const reader = file.stream().getReader();
  for (let { done, value } = await reader.read(); !done; { done, value } = await reader.read()) {
    for (let i = 0; i < value.length; i++) sum = TABLE[(sum ^ value[i]) & 255] ^ (sum >>> 8);
    seen(value.length);
  }
  return (sum ^ 0xffffffff) >>> 0;
}

function fields(...pairs) {  // [bytes, value], ...
  const view = new DataView(new ArrayBuffer(pairs.reduce((sum, [bytes]) => sum + bytes, 0)));
  let at = 0;
  for (const [bytes, value] of pairs) {
    if (bytes === 2) view.setUint16(at, value, true);
    if (bytes === 4) view.setUint32(at, value, true);
    if (bytes === 8) view.setBigUint64(at, BigInt(value), true);
    at += bytes;
  }
  return view.buffer;
}

// Entries are {name, file}; without a file one is only named: `hidden`, or else it could not be opened.
// Sizes and places have 64 bits throughout, so that a folder may be of any size.
async function packed(entries, seen, stopped) {
  const parts = [], listed = [];
  let place = 0, listing = 0;
  const add = (...blobs) => { for (const one of blobs) { parts.push(one); place += one.byteLength ?? one.size; } };
  for (const { name, file, hidden } of entries) {
    let content = file, sum = 0;
    try {
      if (file) sum = await checksum(file, seen);
    } catch (error) { content = null; }
    if (stopped()) return null;
    const size = content ? content.size : 0, begins = place;
    const label = new TextEncoder().encode(name);
    const comment = new TextEncoder().encode(content || hidden ? "" : "unreadable");
    const common = [[2, 45], [2, 0x800], [2, 0], [2, 0], [2, 33], [4, sum], [4, 0xffffffff], [4, 0xffffffff],
      [2, label.length]];
    add(fields([4, 0x04034b50], ...common, [2, 20]), label, fields([2, 1], [2, 16], [8, size], [8, size]));
    if (content) add(content);
    listed.push(fields([4, 0x02014b50], [2, 45], ...common, [2, 28], [2, comment.length], [2, 0], [2, 0], [4, 0],
      [4, 0xffffffff]), label, fields([2, 1], [2, 24], [8, size], [8, size], [8, begins]), comment);
  }
  const begins = place;
  add(...listed);
  listing = place - begins;
  const count = entries.length, ends = place;
  add(fields([4, 0x06064b50], [8, 44], [2, 45], [2, 45], [4, 0], [4, 0], [8, count], [8, count], [8, listing],
    [8, begins]));
  add(fields([4, 0x07064b50], [4, 0], [8, ends], [4, 1]));
  add(fields([4, 0x06054b50], [2, 0], [2, 0], [2, 0xffff], [2, 0xffff], [4, 0xffffffff], [4, 0xffffffff], [2, 0]));
  return new Blob(parts);
}
