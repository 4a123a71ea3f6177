// A picture on which a visitor says where it has which colour. The browser changes its copy of the
// list of hints at once and sends all of it, so that a change that another one overtakes is not
// lost. A hint without a colour is known to the browser alone, and is always the last one.
const MARKS = { keep: "=", undefined: "?" }
const clamp = (share) => Math.min(1, Math.max(0, share))

export default function ({ data, parentElement, setTriggerValue }) {
  const find = (selector) => parentElement.querySelector(selector)
  const root = find(".hints"), picture = find(".picture"), image = find("img")
  const any = find(".any input")
  const now = (root.now ??= { hints: [], chosen: -1, number: data.number })

  const focused = () => root.getRootNode().activeElement
  const coloured = () => now.hints.filter((hint) => hint.colour)
  const send = (change) => setTriggerValue("edit", { ...change, number: ++now.number })
  // Changes with the same number of stroke are one step of the history
  const edit = (stroke) => {
    draw()
    if (now.waits) return
    if (stroke !== now.stroke) now.at = now.last = now.at + 1
    now.stroke = stroke
    send({ hints: coloured(), stroke })
  }
  const step = (at) => {
    if (at < 0 || at > now.last) return
    now.at = at
    now.waits = true
    now.stroke = null
    send({ at })
    draw()
  }
  const stroke = () => Math.floor(performance.timeOrigin + performance.now())
  const choose = (index) => { now.chosen = index; draw() }
  const add = (x, y, focus) => {
    now.hints = [...coloured(), { x, y }]
    choose(now.hints.length - 1)
    picture.querySelectorAll(".mark")[now.chosen].focus(focus)
  }
  const colour = (value) => {
    if (now.chosen < 0) return
    now.hints[now.chosen].colour = value
    edit(stroke())
  }
  const remove = () => {
    if (now.chosen < 0) return
    const [gone] = now.hints.splice(now.chosen, 1)
    now.chosen = -1
    picture.focus({ preventScroll: true })
    if (gone.colour) edit(stroke())
    else draw()
  }
  const move = (x, y) => {
    Object.assign(now.hints[now.chosen], { x: clamp(x), y: clamp(y) })
    draw()
  }
  const place = (event) => {
    const box = picture.getBoundingClientRect()
    const x = (event.clientX - box.left) / box.width, y = (event.clientY - box.top) / box.height
    return [clamp(x), clamp(y)]
  }

  // What the picture shows at a place: the colour, and which row of the likely colours fits it
  const shown = ({ x, y }) => {
    if (!image.complete || !image.naturalWidth) return ["#808080", data.likely.length >> 1]
    const canvas = document.createElement("canvas")
    canvas.width = canvas.height = 1
    const pen = canvas.getContext("2d")
    const at = (share, size) => Math.min(size - 1, Math.floor(share * size))
    pen.drawImage(image, at(x, image.naturalWidth), at(y, image.naturalHeight), 1, 1, 0, 0, 1, 1)
    const rgb = [...pen.getImageData(0, 0, 1, 1).data.slice(0, 3)]
    const [r, g, b] = rgb.map((value) => ((value / 255 + 0.055) / 1.055) ** 2.4)
    const lightness = 1.16 * Math.cbrt(0.2126 * r + 0.7152 * g + 0.0722 * b) - 0.16
    const row = Math.floor(clamp(lightness) * (data.likely.length - 1e-6))
    return ["#" + rgb.map((value) => value.toString(16).padStart(2, "0")).join(""), row]
  }
  const marked = () => {
    const marks = [...picture.querySelectorAll(".mark")]
    for (const mark of marks.splice(now.hints.length)) {
      if (focused() === mark) picture.focus({ preventScroll: true })  // else keys go nowhere
      mark.remove()
    }
    now.hints.forEach((hint, index) => {
      const mark = marks[index] ?? picture.appendChild(document.createElement("button"))
      mark.className = "mark"
      mark.style.left = 100 * hint.x + "%"
      mark.style.top = 100 * hint.y + "%"
      const plain = hint.colour?.startsWith("#") ? hint.colour : "transparent"
      mark.style.setProperty("--colour", plain)
      mark.textContent = MARKS[hint.colour] ?? ""
      mark.ariaPressed = String(index === now.chosen)
      const what = { keep: "keeps its colour", undefined: "no colour yet" }[hint.colour]
      const [x, y] = [hint.x, hint.y].map((share) => Math.round(100 * share) + " %")
      mark.ariaLabel = `Hint ${index + 1}, ${what ?? hint.colour}, ${x} from left, ${y} from top`
      handled(mark, index)
    })
  }
  // Properties, not listeners: this runs again for the same elements
  const handled = (mark, index) => {
    mark.onclick = (event) => event.stopPropagation()
    mark.onfocus = () => now.chosen !== index && choose(index)
    mark.onpointerdown = (event) => {
      if (event.button) return
      mark.setPointerCapture(event.pointerId)
      mark.focus({ preventScroll: true })
      now.dragged = { x: event.clientX, y: event.clientY, far: false }
    }
    mark.onpointermove = (event) => {
      const from = now.dragged
      if (!from || !mark.hasPointerCapture(event.pointerId)) return
      from.far ||= Math.hypot(event.clientX - from.x, event.clientY - from.y) > 3
      if (from.far) move(...place(event))
    }
    mark.onpointerup = mark.onpointercancel = () => {
      const far = now.dragged?.far
      now.dragged = null
      if (far && now.hints[index]?.colour) edit(stroke())
    }
    mark.onkeydown = (event) => {
      const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }
      if (event.key === "Delete" || event.key === "Backspace") remove()
      else if (way[event.key] && !event.ctrlKey && !event.metaKey && !event.altKey) {
        const hint = now.hints[index], [x, y] = way[event.key], far = event.shiftKey ? 0.05 : 0.01
        move(hint.x + far * x, hint.y + far * y)
        if (hint.colour) edit((mark.stroke ??= stroke()))
      } else return
      event.preventDefault()
      event.stopPropagation()
    }
    mark.onblur = () => { mark.stroke = undefined }
  }
  const draw = () => {
    marked()
    const hint = now.hints[now.chosen]
    find(".colours").classList.toggle("off", !hint)
    find(".remove").disabled = !hint
    find(".undo").disabled = now.at === 0
    find(".redo").disabled = now.at >= now.last
    const count = coloured().length
    const have = count ? `${count} hint${count > 1 ? "s" : ""}. ` : ""
    const next = !hint
      ? "Click on the picture where you know the colour, or press Enter on it."
      : hint.colour
        ? "Drag the hint or use the arrow keys; choose another colour; or click on the next place."
        : "Which colour is it here?"
    if (find("p").textContent !== have + next) find("p").textContent = have + next
    if (hint) offered(hint)
  }
  const offered = (hint) => {
    const [here, row] = shown(hint)
    if (focused() !== any) any.value = hint.colour?.startsWith("#") ? hint.colour : here
    const buttons = (data.likely[row] ?? []).map((value) => {
      const button = document.createElement("button")
      button.style.setProperty("--colour", value)
      button.ariaLabel = "Likely colour " + value
      button.title = value
      return button
    })
    const same = [...find(".likely").children].map((old) => old.title).join()
    if (same !== buttons.map((button) => button.title).join())
      find(".likely").replaceChildren(...buttons)
  }

  if (image.src !== data.url) image.src = data.url
  image.onload = draw
  image.alt = data.alt
  picture.ariaLabel = data.alt + ", Enter adds a hint in the middle"
  root.className = "hints " + data.scrolls
  picture.style.width = data.width + "px"
  picture.style.maxWidth = data.scrolls === "wide" ? "none" : "100%"
  picture.style.aspectRatio = data.width + " / " + data.height
  // An answer to an older change than the last one shows its picture, and not its hints
  if (data.number === now.number && !now.dragged && !now.timer) {
    const open = now.hints.filter((hint) => !hint.colour), wasOpen = now.chosen >= coloured().length
    now.hints = [...data.hints, ...open]
    if (wasOpen && open.length) now.chosen = now.hints.length - 1
    else if (now.chosen >= data.hints.length) now.chosen = -1
    Object.assign(now, { at: data.at, last: data.last, waits: false })
  }

  picture.onclick = (event) => add(...place(event), { preventScroll: true })
  picture.onkeydown = (event) => {
    if (event.key !== "Enter" || event.target !== picture) return
    event.preventDefault()
    add(0.5, 0.5)
  }
  root.onkeydown = (event) => {
    const key = event.key.toLowerCase()
    if (key === "escape" && now.hints.length > coloured().length) {
      now.hints = coloured()
      choose(-1)
      picture.focus({ preventScroll: true })
    } else if ((event.ctrlKey || event.metaKey) && (key === "z" || key === "y"))
      step(now.at + (key === "y" || event.shiftKey ? 1 : -1))
    else return
    event.preventDefault()
    event.stopPropagation()
  }
  any.onfocus = () => { any.stroke = stroke() }
  any.oninput = () => {  // many a second while the visitor looks for a colour
    if (now.chosen < 0) return
    now.hints[now.chosen].colour = any.value
    draw()
    clearTimeout(now.timer)
    now.timer = setTimeout(() => {
      now.timer = null
      edit(any.stroke ?? stroke())
    }, 100)
  }
  find(".likely").onclick = (event) => event.target.title && colour(event.target.title)
  find(".grey").onclick = () => colour("#808080")
  find(".keep").onclick = () => colour("keep")
  find(".undo").onclick = () => step(now.at - 1)
  find(".redo").onclick = () => step(now.at + 1)
  find(".remove").onclick = remove
  draw()
}
