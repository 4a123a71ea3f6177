// The line has its place in the part of the picture that is in sight. On a picture that is zoomed
// or wide a finger scrolls, and on a zoomed one a mouse pulls: there the line follows its grip.
export default function ({ data, parentElement }) {
  const find = (selector) => parentElement.querySelector(selector)
  const [closer, farther, whole] = parentElement.querySelectorAll("button")
  const [figure, frame, area, pair] = ["figure", ".frame", ".area", ".pair"].map(find)
  const [range, line, grip, hint] = ["input", ".line", ".grip", ".hint"].map(find)
  const parts = { figure, frame, area, pair, range, line, grip, hint, closer, farther, whole }
  for (const side of ["before", "after"]) {
    const image = find("." + side)
    if (image.src !== data[side].url) image.src = data[side].url
    image.alt = data.alt + ", " + data[side].label
  }
  figure.style.setProperty("--width", data.width + "px")
  figure.style.setProperty("--ratio", data.width / data.height)
  find(".left").textContent = "\u2190 " + data.before.label
  find(".right").textContent = data.after.label + " \u2192"
  find(".tools").ariaLabel = data.alt
  range.ariaLabel = data.alt + ", " + data.before.label + " beside " + data.after.label

  const show = () => {
    const inSight = (range.value / 100) * area.clientWidth
    line.style.left = inSight + "px"
    line.style.height = area.clientHeight + "px"
    pair.style.setProperty("--at", area.scrollLeft + inSight + "px")
    range.ariaValueText = range.value + " % " + data.before.label
  }
  const put = (value) => {
    range.value = value
    show()
  }
  // Properties, not listeners: this runs again for new pictures in the same elements
  range.oninput = show
  const view = sight(parts, data, show)
  zoomByWheel(parts, view)
  zoomByKeys(parts, view)
  const pinches = zoomByFingers(parts, view, () => put(line.before)) // the first finger moved it
  moveByPointer(parts, view, pinches, put)
  view.go()
}

function moveByPointer({ area, pair, range, line, grip }, view, pinches, put) {
  const fingerScrolls = (event) =>
    event.pointerType !== "mouse" && (view.zoomed() || view.scrolls() === "wide")
  const follow = (event) =>
    put((100 * (event.clientX - area.getBoundingClientRect().left)) / area.clientWidth)
  for (const part of [pair, grip]) {
    const pulls = () => part === pair && view.zoomed()
    part.onpointerdown = (event) => {
      if (event.button || !event.isPrimary) return
      line.before = range.value
      if (part === pair && fingerScrolls(event)) return
      event.preventDefault()
      part.setPointerCapture(event.pointerId)
      part.from = event
      const focused = pulls() ? area : range
      focused.focus({ preventScroll: true })
      if (!pulls()) follow(event)
    }
    part.onpointermove = (event) => {
      if (pinches() || !part.hasPointerCapture(event.pointerId)) return
      const { clientX, clientY } = part.from
      if (pulls()) area.scrollBy(clientX - event.clientX, clientY - event.clientY)
      else follow(event)
      part.from = event
    }
  }
  pair.onclick = (event) => fingerScrolls(event) && follow(event)
}
