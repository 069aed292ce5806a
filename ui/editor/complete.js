// What could come next in a statement: the files of ui/editor are sent as one module.

const WORD = /[\p{L}\p{N}_@$]/u;
const bare = (name) => (name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name);
const low = (text) => text.toLowerCase();

// the part of a name that stands before the caret: {start, word, of} where `of` is the name before a dot
function begun(text, caret) {
  let start = caret;
  const quoted = /"(?:[^"\n]|"")*$/.exec(text.slice(0, caret));
  const inside = quoted && (text.slice(0, caret).match(/"/g).length % 2 === 1);
  if (inside) start = quoted.index;
  else while (start > 0 && WORD.test(text[start - 1])) start -= 1;
  const before = text.slice(0, start);
  const dotted = /("(?:[^"\n]|"")+"|[\p{L}\p{N}_]+)\.$/u.exec(before);
  return { start, word: bare(text.slice(start, caret) + (inside ? '"' : "")), of: dotted ? bare(dotted[1]) : null, before };
}

// the tables that a statement names, by table and by alias
function named(text, tables) {
  const found = new Map();
  const known = new Map(tables.map((table) => [low(table.name), table]));
  const name = '("(?:[^"\\n]|"")+"|[\\p{L}\\p{N}_]+)';
  const pattern = new RegExp(`(?:\\b(?:from|join|table|describe|summarize|pivot|unpivot)|,)\\s+${name}(?:\\s+(?:as\\s+)?(?!(?:on|using|where|join|left|right|full|inner|cross|group|order|limit|having|union|asof|natural|positional|select|window|qualify)\\b)${name})?`, "giu");
  for (const [, table, alias] of text.matchAll(pattern)) {
    const one = known.get(low(bare(table)));
    if (!one) continue;
    found.set(low(one.name), one);
    if (alias) found.set(low(bare(alias)), one);
  }
  return found;
}

function proposals(text, caret, data, asked) {
  const { start, word, of, before } = begun(text, caret);
  // one letter is an alias as often as not, and after AS stands a new name
  if (!asked && of === null && (word.length < 2 || /\bas\s+$/i.test(before))) return null;
  const here = named(text, data.tables);
  const columns = (table) => table.columns.map((column) => ({ text: column.written, name: column.name, kind: column.type }));
  let items;
  if (of !== null) {
    const table = here.get(low(of)) || data.tables.find((one) => low(one.name) === low(of));
    items = table ? columns(table) : [];
  } else {
    const tables = data.tables.map((table) => ({ text: table.written, name: table.name, kind: data.words.table }));
    const aliases = [...here.keys()].filter((name) => !data.tables.some((table) => low(table.name) === name));
    const own = [...new Set(here.values())].flatMap(columns);
    const words = data.keywords.map((name) => ({ text: name, name, kind: data.words.keyword }));
    const functions = data.functions.map((name) => ({ text: `${name}(`, name, kind: data.words.function }));
    const others = data.tables.filter((table) => !here.has(low(table.name))).flatMap(columns);
    const after = /\b(?:from|join|table|describe|summarize|pivot|unpivot|into)\s+$/i.test(before);
    items = after ? tables : [
      ...own, ...aliases.map((name) => ({ text: name, name, kind: data.words.table })), ...words, ...tables, ...functions, ...others,
    ];
  }
  const wanted = low(word);
  const rank = (item) => (low(item.name) === wanted ? 0 : low(item.name).startsWith(wanted) ? 1 : low(item.name).includes(wanted) && wanted.length > 1 ? 2 : 9);
  const seen = new Set();
  const fit = items.map((item, place) => ({ ...item, rank: rank(item), place })).filter((item) => item.rank < 9)
    .sort((a, b) => a.rank - b.rank || a.place - b.place)
    .filter((item) => !seen.has(item.text + item.kind) && seen.add(item.text + item.kind)).slice(0, 60);
  if (!fit.length || (!asked && fit.length === 1 && low(fit[0].text) === wanted)) return null;
  return { start, items: fit, exact: low(fit[0].name) === wanted };
}
