// What a chosen or dropped folder holds, as entries {name, file, hidden} with names from the folder on.
const HIDDEN = /^(\.|~\$|thumbs\.db$|desktop\.ini$)/i;

// The first hidden step of a path stands for all that is in it.
function visible(path) {
  const steps = path.split("/");
  const at = steps.findIndex((step) => HIDDEN.test(step));
  return at < 0 ? null : steps.slice(0, at + 1).join("/");
}

function chosen(files) {  // of an input for folders: by the name of the folder
  const folders = new Map();
  for (const file of files) {
    const [root, ...rest] = file.webkitRelativePath.split("/");
    if (!folders.has(root)) folders.set(root, new Map());
    const hidden = visible(rest.join("/"));
    const name = hidden ?? rest.join("/");
    folders.get(root).set(name, { name, file: hidden === null ? file : null, hidden: hidden !== null });
  }
  return [...folders].map(([name, found]) => ({ name, entries: [...found.values()] }));
}

async function within(folder, above = "") {  // of a dropped folder
  const reader = folder.createReader(), found = [];
  try {
    for (;;) {  // a hundred at a time
      const some = await new Promise((ok, no) => reader.readEntries(ok, no));
      if (!some.length) break;
      for (const one of some) {
        const name = above + one.name;
        if (HIDDEN.test(one.name)) found.push({ name, file: null, hidden: true });
        else if (one.isDirectory) found.push(...await within(one, name + "/"));
        else found.push({ name, file: await new Promise((ok) => one.file(ok, () => ok(null))), hidden: false });
      }
    }
  } catch (error) {
    found.push({ name: above.replace(/\/$/, "") || folder.name, file: null, hidden: false });
  }
  return found;
}
