// The line has its place in the part of the picture that is in sight. A picture that is zoomed is
// larger than its area and scrolls there, as pictures do that are much wider than long: then a
// finger scrolls, a mouse pulls, and the line follows its grip.
const MOST = 8, STEP = 1.5, TWICE = 3 // zoom at most, of a button or key, of a double click
const BY = 40 // pixels that an arrow key moves a picture
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }
const APPEAR = [{ opacity: 1 }, { opacity: 1, offset: 0.8 }, { opacity: 0 }]
const CTRL = navigator.platform.startsWith("Mac") ? "⌘" : "Ctrl"
// Zoom, and what is in the middle, as shares of width and height. All sliders of one picture share
// them: several runs are compared at the same place, and another run begins there.
const places = (window.colornetPlaces ??= {})

export default function ({ data, parentElement }) {
  const find = (selector) => parentElement.querySelector(selector)
  const figure = find("figure"), frame = find(".frame"), area = find(".area"), pair = find(".pair")
  const range = find("input"), line = find(".line"), grip = find(".grip"), hint = find(".hint")
  const [closer, farther, whole] = parentElement.querySelectorAll("button")
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

  const key = [data.width, data.height, data.alt].join()
  const place = (places[key] ??= { zoom: 1, x: 0.5, y: 0.5, followers: new Map() })
  const zoomed = () => place.zoom > 1
  const full = () => figure.matches(":fullscreen") || figure.hasAttribute("popover")
  const scrolls = () => (full() ? "" : data.scrolls)

  const layout = () => {
    figure.className = [scrolls(), zoomed() && "zoomed", full() && "full"].filter(Boolean).join(" ")
    const wide = scrolls() === "wide"
    pair.style.width = place.zoom * (wide ? data.width : 100) + (wide ? "px" : "%")
    const bar = area.offsetHeight - area.clientHeight
    area.style.height = wide && zoomed() ? data.height + bar + "px" : ""
    if (zoomed() || scrolls()) {
      area.tabIndex = 0
      area.role = "group"
      const how = zoomed() ? "zoomed to " + Math.round(100 * place.zoom) + " %" : "scrolls"
      area.ariaLabel = data.alt + ", " + how
    } else area.removeAttribute("tabindex")
    whole.ariaLabel = whole.title = full() ? "Leave full screen" : "Full screen"
    area.laidOut = area.clientWidth
  }
  const show = () => {
    const inSight = (range.value / 100) * area.clientWidth
    line.style.left = inSight + "px"
    line.style.height = area.clientHeight + "px"
    pair.style.setProperty("--at", area.scrollLeft + inSight + "px")
    range.ariaValueText = range.value + " % " + data.before.label
  }
  const go = () => {
    layout()
    if (zoomed())
      area.scrollTo(
        place.x * pair.offsetWidth - area.clientWidth / 2,
        place.y * pair.offsetHeight - area.clientHeight / 2,
      )
    show()
  }
  const lead = () => {
    place.x = (area.scrollLeft + area.clientWidth / 2) / pair.offsetWidth
    place.y = (area.scrollTop + area.clientHeight / 2) / pair.offsetHeight
    for (const [other, follow] of place.followers)
      if (!other.isConnected) place.followers.delete(other)
      else if (other !== figure) follow()
    show()
  }
  const under = ({ clientX, clientY }) => {
    const box = pair.getBoundingClientRect()
    return [(clientX - box.left) / box.width, (clientY - box.top) / box.height]
  }
  const middle = () => {
    const box = area.getBoundingClientRect()
    return { clientX: box.left + box.width / 2, clientY: box.top + box.height / 2 }
  }
  // The point [x, y] of the picture comes to lie, or stays, under the pointer
  const zoomTo = (zoom, pointer = middle(), [x, y] = under(pointer)) => {
    place.zoom = zoom < 1.05 ? 1 : Math.min(zoom, MOST)
    layout()
    const box = area.getBoundingClientRect()
    area.scrollTo(
      x * pair.offsetWidth - (pointer.clientX - box.left),
      y * pair.offsetHeight - (pointer.clientY - box.top),
    )
    lead()
  }
  const follow = (event) => {
    range.value = (100 * (event.clientX - area.getBoundingClientRect().left)) / area.clientWidth
    show()
  }
  const toggle = async () => {
    if (figure.matches(":fullscreen")) return document.exitFullscreen()
    if (full()) figure.removeAttribute("popover")
    else
      try {
        return await figure.requestFullscreen()
      } catch {
        figure.popover = "manual" // as large, where a browser has no full screen for elements
        figure.showPopover()
      }
    go()
  }

  // Properties, not listeners: this runs again for new pictures in the same elements
  range.oninput = show
  area.onscroll = () => {
    if (!zoomed()) show()
    else if (area.clientWidth !== area.laidOut) go()
    else if (Math.hypot(...off()) >= 1) lead()
    else show()
  }
  const off = () => [
    area.scrollLeft + area.clientWidth / 2 - place.x * pair.offsetWidth,
    area.scrollTop + area.clientHeight / 2 - place.y * pair.offsetHeight,
  ]
  frame.onwheel = (event) => {
    if (!(event.ctrlKey || event.metaKey || full())) {
      // Without Ctrl the wheel is the page's, or scrolls what is zoomed
      if (!zoomed() && !scrolls() && !hint.getAnimations().length) hint.animate(APPEAR, 1500)
      return
    }
    event.preventDefault()
    const pixels = event.deltaY * (event.deltaMode ? 16 : 1)
    zoomTo(place.zoom * Math.exp(-Math.max(-40, Math.min(40, pixels)) / 100), event)
  }
  hint.textContent = CTRL + " + wheel zooms"
  closer.onclick = () => zoomTo(place.zoom * STEP)
  farther.onclick = () => zoomTo(place.zoom / STEP)
  whole.onclick = toggle
  figure.onfullscreenchange = go
  frame.ondblclick = (event) => zoomTo(zoomed() ? 1 : TWICE, event)
  figure.onkeydown = (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return
    const arrow = ARROWS[event.key]
    if (event.key === "+" || event.key === "=") closer.onclick()
    else if (event.key === "-") farther.onclick()
    else if (event.key === "0") zoomTo(1)
    else if (event.key === "Escape" && figure.hasAttribute("popover")) toggle()
    else if (arrow && (zoomed() || scrolls()) && (event.target !== range || event.shiftKey))
      area.scrollBy(BY * arrow[0], BY * arrow[1])
    else return
    event.preventDefault()
    event.stopPropagation()
  }

  const fingerScrolls = (event) =>
    event.pointerType !== "mouse" && (zoomed() || scrolls() === "wide")
  let pinch = null
  for (const part of [pair, grip]) {
    part.onpointerdown = (event) => {
      if (event.button || !event.isPrimary) return
      line.before = range.value
      if (part === pair && fingerScrolls(event)) return
      event.preventDefault()
      part.setPointerCapture(event.pointerId)
      if (part === pair && zoomed()) area.focus({ preventScroll: true })
      else {
        range.focus({ preventScroll: true })
        follow(event)
      }
      part.at = [event.clientX, event.clientY]
    }
    part.onpointermove = (event) => {
      if (pinch || !part.hasPointerCapture(event.pointerId)) return
      if (part === pair && zoomed())
        area.scrollBy(part.at[0] - event.clientX, part.at[1] - event.clientY)
      else follow(event)
      part.at = [event.clientX, event.clientY]
    }
  }
  pair.onclick = (event) => fingerScrolls(event) && follow(event)
  const between = ([one, two]) => ({
    clientX: (one.clientX + two.clientX) / 2,
    clientY: (one.clientY + two.clientY) / 2,
    apart: Math.hypot(one.clientX - two.clientX, one.clientY - two.clientY),
  })
  frame.ontouchstart = (event) => {
    if (event.touches.length !== 2) return
    event.preventDefault()
    const fingers = between(event.touches)
    range.value = line.before // the first finger has moved it
    pinch = { apart: fingers.apart, zoom: place.zoom, under: under(fingers) }
  }
  frame.ontouchmove = (event) => {
    if (!pinch || event.touches.length !== 2) return
    event.preventDefault()
    const fingers = between(event.touches)
    zoomTo((pinch.zoom * fingers.apart) / pinch.apart, fingers, pinch.under)
  }
  frame.ontouchend = frame.ontouchcancel = (event) => {
    if (!event.touches.length) pinch = null
  }

  figure.place?.followers.delete(figure) // the place of another picture
  figure.place = place
  place.followers.set(figure, go)
  area.resized?.disconnect()
  area.resized = new ResizeObserver(go)
  area.resized.observe(area)
  go()
}
