// What the visitor sees: files come in, and each becomes a picture with a line to move
const settings = JSON.parse(document.querySelector("#settings").textContent)
const [status, bar, wrong, results, template] =
  ["[role=status]", "progress", ".wrong", "section", "template"].map((selector) =>
    document.querySelector(selector))
const chooser = document.querySelector("input[type=file]")
const waiting = []
let busy = true, session = null

const say = (words) => (status.textContent = words)

function complain(words) {
  const line = Object.assign(document.createElement("li"), { textContent: words })
  wrong.append(line)
}

function progress(share) {
  bar.value = share
}

// One picture after the other, so that memory holds one
async function work() {
  if (busy || !waiting.length) return
  busy = true
  bar.hidden = false
  let done = 0
  while (waiting.length) {
    const file = waiting.shift(), more = waiting.length
    say(`Colouring ${file.name}…` + (more ? ` ${more} more wait.` : ""))
    progress(0)
    await rest()
    if (await tried(file)) done++
  }
  bar.hidden = true
  say(`Coloured: ${done}. You can add more.`)
  busy = false
}

async function tried(file) {
  try {
    show(file, await colour(file, session, settings, progress))
    return true
  } catch (error) {
    const reason = error instanceof Wrong ? error.message
      : "could not be coloured: this browser has not enough memory for it, or stopped the work"
    complain(`${file.name} ${reason}.`)
    if (!(error instanceof Wrong)) console.warn(error)
    return false
  }
}

function show(file, made) {
  const article = template.content.cloneNode(true).querySelector("article")
  const find = (selector) => article.querySelector(selector)
  const addresses = [made.before, made.jpeg, made.png].map((blob) => URL.createObjectURL(blob))
  const stem = file.name.replace(/\.[^.]*$/, "") + "-colour"
  find("h2").textContent = `${file.name}, ${made.width} x ${made.height}`
  find(".before").src = addresses[0]
  find(".after").src = addresses[1]
  find(".before").alt = `${file.name}, grey`
  find(".after").alt = `${file.name}, coloured`
  for (const [kind, ending, address] of [["jpeg", "jpg", addresses[1]], ["png", "png", addresses[2]]])
    Object.assign(find("." + kind), {
      href: address, download: `${stem}.${ending}`, textContent: `Save as ${kind.toUpperCase()}`,
    })
  find("button").ariaLabel = `Remove ${file.name}`
  find("button").onclick = () => {
    addresses.forEach((address) => URL.revokeObjectURL(address))
    article.remove()
    chooser.focus()
  }
  article.style.setProperty("--width", made.width + "px")
  divide(article, file.name)
  results.prepend(article)
}

// Keys and screen readers move the range; the pointer moves it through the picture, because some
// touch screens move a range only by its thumb
function divide(article, name) {
  const pair = article.querySelector(".pair"), range = article.querySelector("[type=range]")
  const put = () => {
    article.style.setProperty("--at", range.value + "%")
    range.ariaValueText = `${range.value} % grey`
  }
  const follow = (event) => {
    const { left, width } = pair.getBoundingClientRect()
    range.value = (100 * (event.clientX - left)) / width
    put()
  }
  range.ariaLabel = `${name}, grey beside coloured`
  range.oninput = put
  pair.onpointerdown = (event) => {
    if (event.button || !event.isPrimary) return
    event.preventDefault()
    pair.setPointerCapture(event.pointerId)
    range.focus({ preventScroll: true })
    follow(event)
  }
  pair.onpointermove = (event) => pair.hasPointerCapture(event.pointerId) && follow(event)
  put()
}

function take(files) {
  wrong.replaceChildren()
  waiting.push(...files)
  work()
}

chooser.onchange = () => {
  take(chooser.files)
  chooser.value = "" // so that the same file can be chosen again
}
document.ondragover = (event) => {
  event.preventDefault()
  document.body.classList.add("over")
}
document.ondragleave = (event) => {
  if (!event.relatedTarget) document.body.classList.remove("over")
}
document.ondrop = (event) => {
  event.preventDefault()
  document.body.classList.remove("over")
  take(event.dataTransfer.files)
}

try {
  session = await load()
  say("Ready.")
  busy = false
  work()
} catch (error) {
  console.warn(error)
  say("The network could not be loaded. Keep the files and the folder beside index.html as they "
    + "were exported, and open the page in a current browser: " + error.message)
}
