/**
 * The icons, drawn on a 24-unit grid with one stroke. They are decoration: the button around them
 * carries the name.
 *
 * @typedef {keyof typeof PATHS} IconName
 */

const PATHS = {
  mic: ["M12 3a3 3 0 0 1 3 3v5a3 3 0 0 1-6 0V6a3 3 0 0 1 3-3z", "M5.5 11a6.5 6.5 0 0 0 13 0", "M12 17.5V21"],
  "mic-off": [
    "M9 9V6a3 3 0 0 1 5.9-.8", "M15 9.5V11a3 3 0 0 1-4.6 2.5", "M5.5 11a6.5 6.5 0 0 0 10.6 5",
    "M18.3 12.6c.1-.5.2-1 .2-1.6", "M12 17.5V21", "M4 4l16 16",
  ],
  camera: ["M4.5 6.5h8a2 2 0 0 1 2 2v7a2 2 0 0 1-2 2h-8a2 2 0 0 1-2-2v-7a2 2 0 0 1 2-2z", "M14.5 11l7-4v10l-7-4z"],
  "camera-off": [
    "M8 6.5h4.5a2 2 0 0 1 2 2V11l7-4v10l-3-1.7", "M14.4 16a2 2 0 0 1-1.9 1.5h-8a2 2 0 0 1-2-2v-7c0-.8.5-1.5 1.2-1.8",
    "M4 4l16 16",
  ],
  leave: ["M3.5 13.2c-.4-1.3-.3-2.7.8-3.5C6.3 8.2 9 7.5 12 7.5s5.7.7 7.7 2.2c1.1.8 1.2 2.2.8 3.5-.2.7-.9 1-1.6.9l-2.6-.5c-.6-.1-1-.6-1.1-1.2l-.2-1.3c-1.9-.6-4.1-.6-6 0l-.2 1.3c-.1.6-.5 1.1-1.1 1.2l-2.6.5c-.7.1-1.4-.2-1.6-.9z"],
  phone: ["M6.5 3.5l2 .2c.6.1 1 .5 1.2 1l.9 2.8c.2.5 0 1-.3 1.4L8.8 10.4a12 12 0 0 0 4.8 4.8l1.5-1.5c.4-.3.9-.5 1.4-.3l2.8.9c.5.2.9.6 1 1.2l.2 2c.1 1-.7 2-1.8 2C10.6 19.5 4.5 13.4 4.5 5.3c0-1.1 1-1.9 2-1.8z"],
  speaker: ["M4 9.5v5h3.5L12 18.5v-13L7.5 9.5z", "M15.5 9a4.2 4.2 0 0 1 0 6", "M18 6.5a7.8 7.8 0 0 1 0 11"],
  settings: ["M4 7h9", "M17 7h3", "M15 5v4", "M4 17h3", "M11 17h9", "M9 15v4", "M4 12h5", "M13 12h7", "M11 10v4"],
  person: ["M12 4a4 4 0 1 1 0 8 4 4 0 0 1 0-8z", "M4.5 20c.8-3.6 3.8-5.5 7.5-5.5s6.7 1.9 7.5 5.5"],
  check: ["M5 12.5l4.5 4.5L19 7.5"],
  warning: ["M12 4l9 15.5H3z", "M12 10v4.5", "M12 17v.2"],
  close: ["M6 6l12 12", "M18 6L6 18"],
};

const SVG = "http://www.w3.org/2000/svg";

/**
 * @param {IconName} name
 * @returns {SVGSVGElement}
 */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  for (const line of PATHS[name]) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", line);
    svg.append(path);
  }
  return svg;
}
