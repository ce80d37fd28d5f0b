/**
 * The chat of a call, on the customer's page and on the agent's desk: whether it is offered, what was
 * written, what is new. What is new is announced politely, once, wherever the panel is.
 *
 * @typedef {import("./controls.js").Control} Control
 * @typedef {(id: string, values?: Record<string, string|number>) => string} Translate
 */
import {
  CHAT_TOPIC, LIFETIME_MS, OFFER, allRead, chatMessageOf, emptyLog, sendable, textMessage, withLine,
} from "./chat-messages.js";
import { createChatPanel } from "./chat-panel.js";

/**
 * @param {object} options
 * @param {HTMLElement} options.panel
 * @param {Translate} options.t
 * @param {import("./live-call.js").LiveCall} options.live
 * @param {boolean} options.offering This is a desk: it offers the chat instead of waiting for an offer.
 * @param {(attendeeId: string) => string} options.nameOf
 * @param {(id: string, values: Record<string, string>) => void} options.say
 * @param {() => void} options.redraw
 * @param {() => void} options.focusElsewhere The panel was closed while it had the focus.
 */
export function createChat({ panel, t, live, offering, nameOf, say, redraw, focusElsewhere }) {
  let log = emptyLog();
  let offered = false;
  let open = false;
  const drawing = createChatPanel({ panel, t, onSend: send, onClose: () => turn(false) });

  /** @param {{name: string, text: string}} line @param {boolean} read */
  function add(line, read) {
    log = withLine(log, line, { read });
    redraw();
  }

  /** @param {string} typed */
  function send(typed) {
    const text = sendable(typed);
    if (text === "") return;
    live.say(CHAT_TOPIC, textMessage(text), LIFETIME_MS);
    add({ name: "", text }, true);
  }

  /** @param {boolean} wanted */
  function turn(wanted) {
    const hadFocus = panel.contains(document.activeElement);
    open = wanted;
    if (open) log = allRead(log);
    redraw();
    if (!open && hadFocus) focusElsewhere();
  }

  return {
    /** Offers the chat, also to those who have just joined. */
    offer() {
      if (offering) live.say(CHAT_TOPIC, OFFER, 0);
    },

    /** @param {import("./meeting-news.js").DataMessage} message @param {boolean} fromAgent */
    receive({ topic, text: data, senderId }, fromAgent) {
      const message = topic === CHAT_TOPIC ? chatMessageOf(data) : null;
      if (!message) return;
      if (message.type === "text") {
        const name = nameOf(senderId);
        say("chat.new", { name, text: message.text });
        add({ name, text: message.text }, open);
      } else if (fromAgent && !offered) {
        offered = true;
        redraw();
      }
    },

    draw() {
      drawing.draw(log);
      drawing.show(open);
    },

    /** The call is over: nothing of it is kept. */
    forget() {
      log = emptyLog();
      offered = open = false;
    },

    /** @returns {Control[]} */
    controls() {
      if (!offering && !offered) return [];
      return [{
        action: "chat", message: "action.chat", icon: "chat", pressed: open, badge: log.unread,
        place: offering ? "bar" : "more",
      }];
    },

    toggle: () => turn(!open),
  };
}
