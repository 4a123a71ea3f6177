// A picture that is zoomed is larger than its area and scrolls there, as pictures do that are much
// wider than long. Zoom, and what is in the middle as shares of width and height, are those of all
// sliders of one picture: several runs are compared at the same place, and another begins there.
const MOST = 8, STEP = 1.5, TWICE = 3 // zoom at most, of a button or key, of a double click
const BY = 40 // pixels that an arrow key moves a picture
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }
const APPEAR = [{ opacity: 1 }, { opacity: 1, offset: 0.8 }, { opacity: 0 }]
const CTRL = navigator.platform.startsWith("Mac") ? "⌘" : "Ctrl"
const places = (window.colornetPlaces ??= {})

// What is in sight of the picture; show(): draws the line again
function sight({ figure, area, pair, whole }, data, show) {
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
  const begin = () => [
    place.x * pair.offsetWidth - area.clientWidth / 2,
    place.y * pair.offsetHeight - area.clientHeight / 2,
  ]
  const go = () => {
    layout()
    if (zoomed()) area.scrollTo(...begin())
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

  area.onscroll = () => {
    const [left, top] = begin()
    if (zoomed() && area.clientWidth !== area.laidOut) go() // it scrolled because its size changed
    else if (zoomed() && Math.hypot(area.scrollLeft - left, area.scrollTop - top) >= 1) lead()
    else show()
  }
  figure.onfullscreenchange = go
  figure.place?.followers.delete(figure) // the place of another picture
  figure.place = place
  place.followers.set(figure, go)
  area.resized?.disconnect()
  area.resized = new ResizeObserver(go)
  area.resized.observe(area)
  return { zoom: () => place.zoom, zoomed, full, scrolls, go, under, zoomTo, toggle }
}

function zoomByWheel({ frame, hint }, view) {
  hint.textContent = CTRL + " + wheel zooms"
  frame.onwheel = (event) => {
    if (!(event.ctrlKey || event.metaKey || view.full())) {
      // Without Ctrl the wheel is the page's, or scrolls what is zoomed
      const rests = !view.zoomed() && !view.scrolls()
      if (rests && !hint.getAnimations().length) hint.animate(APPEAR, 1500)
      return
    }
    event.preventDefault()
    const pixels = event.deltaY * (event.deltaMode ? 16 : 1)
    view.zoomTo(view.zoom() * Math.exp(-Math.max(-40, Math.min(40, pixels)) / 100), event)
  }
  frame.ondblclick = (event) => view.zoomTo(view.zoomed() ? 1 : TWICE, event)
}

function zoomByKeys({ figure, area, range, closer, farther, whole }, view) {
  closer.onclick = () => view.zoomTo(view.zoom() * STEP)
  farther.onclick = () => view.zoomTo(view.zoom() / STEP)
  whole.onclick = view.toggle
  figure.onkeydown = (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return
    const arrow = (event.target !== range || event.shiftKey) && ARROWS[event.key]
    if (event.key === "+" || event.key === "=") closer.onclick()
    else if (event.key === "-") farther.onclick()
    else if (event.key === "0") view.zoomTo(1)
    else if (event.key === "Escape" && view.full()) view.toggle() // a dialog around it stays open
    else if (arrow && (view.zoomed() || view.scrolls()))
      area.scrollBy(BY * arrow[0], BY * arrow[1])
    else return
    event.preventDefault()
    event.stopPropagation()
  }
}

// begins(): called when a second finger comes; returns whether two fingers are down
function zoomByFingers({ frame }, view, begins) {
  const between = ([one, two]) => ({
    clientX: (one.clientX + two.clientX) / 2,
    clientY: (one.clientY + two.clientY) / 2,
    apart: Math.hypot(one.clientX - two.clientX, one.clientY - two.clientY),
  })
  let first = null
  frame.ontouchstart = (event) => {
    if (event.touches.length !== 2) return
    event.preventDefault()
    begins()
    const fingers = between(event.touches)
    first = { apart: fingers.apart, zoom: view.zoom(), under: view.under(fingers) }
  }
  frame.ontouchmove = (event) => {
    if (!first || event.touches.length !== 2) return
    event.preventDefault()
    const fingers = between(event.touches)
    view.zoomTo((first.zoom * fingers.apart) / first.apart, fingers, first.under)
  }
  frame.ontouchend = frame.ontouchcancel = (event) => {
    if (!event.touches.length) first = null
  }
  return () => first !== null
}
