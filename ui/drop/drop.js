const sessions = new WeakMap();
const size = (bytes) => bytes >= 1e9 ? (bytes / 1e9).toFixed(2) + " GB"
  : bytes >= 1e6 ? (bytes / 1e6).toFixed(1) + " MB" : Math.ceil(bytes / 1e3) + " KB";

export default function (component) {
  const { data, parentElement, setStateValue } = component;
  const drop = parentElement.querySelector(".drop");
  const input = parentElement.querySelector("input.one");
  const all = parentElement.querySelector("input.all");
  const folder = parentElement.querySelector(".folder");
  const list = parentElement.querySelector(".files");
  drop.querySelector("b").textContent = data.label;
  drop.querySelector("small").textContent = data.kinds;
  drop.setAttribute("aria-label", data.label);
  folder.textContent = data.folder;
  folder.hidden = !data.many;
  input.multiple = data.many;
  input.accept = data.accept;
  if (!sessions.has(parentElement)) sessions.set(parentElement, { ids: [], waiting: [], busy: false });
  const session = sessions.get(parentElement);

  const next = () => {
    const job = session.waiting.shift();
    session.busy = Boolean(job);
    if (!job) return;
    const { file, line, bar, status, stop } = job;
    const request = new XMLHttpRequest();
    const end = (text, bad) => {
      status.textContent = text; status.className = bad ? "bad" : "";
      bar.remove(); stop.remove(); next();
    };
    request.open("PUT", "/upload?name=" + encodeURIComponent(job.name));
    request.setRequestHeader("X-Sightline-Token", data.token);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.upload.onprogress = (event) => {
      bar.value = event.loaded / Math.max(event.total, 1);
      status.textContent = size(event.loaded) + " / " + size(event.total);
    };
    request.onload = () => {
      let answer = {};
      try { answer = JSON.parse(request.responseText); } catch (error) { answer = {}; }
      if (request.status !== 201) return end(answer.message || data.failed, true);
      session.ids = data.many ? [...session.ids, answer.id] : [answer.id];
      setStateValue("ids", session.ids);
      end(size(file.size), false);
    };
    request.onerror = () => end(data.failed, true);
    request.onabort = () => end(data.stopped, true);
    stop.onclick = () => request.abort();
    request.send(file);
  };
  const row = (called, said) => {
    const line = document.createElement("li");
    const name = document.createElement("span"); name.className = "name"; name.textContent = called;
    const status = document.createElement("span"); status.textContent = said;
    const stop = document.createElement("button"); stop.textContent = data.stop;
    const bar = document.createElement("progress"); bar.max = 1; bar.value = 0;
    line.append(name, status, stop, bar);
    list.append(line);
    return { name: called, line, bar, status, stop };
  };
  const take = (files) => {
    for (const file of (data.many ? [...files] : [...files].slice(0, 1)))
      session.waiting.push({ file, ...row(file.name, size(file.size)) });
    if (!session.busy) next();
  };
  const takeFolder = async (called, entries) => {
    const job = row(called + "/", data.looking);
    const refuse = (text) => {
      job.status.textContent = text; job.status.className = "bad"; job.bar.remove(); job.stop.remove();
    };
    const readable = entries.filter((one) => one.file);
    if (!readable.length) return refuse(data.nothing);
    if (readable.length > data.most) return refuse(data.tooMany);
    let stopped = false, seen = 0;
    job.stop.onclick = () => { stopped = true; };
    const total = readable.reduce((sum, one) => sum + one.file.size, 0);
    entries.sort((one, other) => one.name < other.name ? -1 : 1);
    const count = (bytes) => { seen += bytes; job.bar.value = seen / Math.max(total, 1); };
    const file = await packed(entries, count, () => stopped);
    if (!file) return refuse(data.stopped);
    session.waiting.push({ ...job, file });
    if (!session.busy) next();
  };
  drop.onclick = () => input.click();
  drop.onkeydown = (event) => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); input.click(); } };
  drop.ondragover = (event) => { event.preventDefault(); drop.classList.add("over"); };
  drop.ondragleave = () => drop.classList.remove("over");
  drop.ondrop = async (event) => {
    event.preventDefault();
    drop.classList.remove("over");
    const files = event.dataTransfer.files;
    const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
    const folders = data.many ? entries.filter((one) => one.isDirectory) : [];
    if (!folders.length) return take(files);
    const single = entries.filter((one) => one.isFile);
    take(await Promise.all(single.map((one) => new Promise((ok, no) => one.file(ok, no)))));
    for (const one of folders) takeFolder(one.name, await within(one));
  };
  folder.onclick = () => all.click();
  all.onchange = () => {
    for (const one of chosen([...all.files])) takeFolder(one.name, one.entries);
    all.value = "";
  };
  input.onchange = () => { take(input.files); input.value = ""; };
}
