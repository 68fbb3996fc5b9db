#ifndef TUI_MOUSE_H
#define TUI_MOUSE_H

/* What the mouse did. Wheel turns that come in one burst are one event with a count. */

enum mouse_kind {
	MOUSE_PRESS,
	MOUSE_DRAG, /* moved with a button held */
	MOUSE_RELEASE, /* of the button that was pressed, also far from where it was */
	MOUSE_WHEEL,
};

enum mouse_button { MOUSE_NONE, MOUSE_LEFT, MOUSE_MIDDLE, MOUSE_RIGHT };

struct mouse {
	enum mouse_kind kind;
	enum mouse_button button;
	int y, x; /* cell, from 0; of the screen, or of the pane that gets the event */
	int wheel; /* lines of the wheel: negative up, positive down */
	int clicks; /* MOUSE_PRESS: 1, 2 or 3 for a double or triple click */
	unsigned mods; /* enum key_mod */
};

#endif
