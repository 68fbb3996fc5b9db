/*
 * The floor: the least that ncurses can do. Shows a text, echoes keys, moves the cursor by arrows. What a full program
 * needs beyond this is its own doing. C-q ends it.
 */
#include <locale.h>

#include <ncurses.h>

static void answer(int key)
{
	int y, x;

	getyx(stdscr, y, x);
	if (key == KEY_UP)
		move(y > 1 ? y - 1 : 1, x);
	else if (key == KEY_DOWN)
		move(y < LINES - 1 ? y + 1 : y, x);
	else if (key == KEY_LEFT)
		move(y, x > 0 ? x - 1 : 0);
	else if (key == KEY_RIGHT)
		move(y, x < COLS - 1 ? x + 1 : x);
	else if (key == '\r')
		move(y < LINES - 1 ? y + 1 : 1, 0);
	else
		addch((chtype)key);
}

int main(void)
{
	int key;

	setlocale(LC_ALL, "");
	initscr();
	raw();
	noecho();
	nonl();
	keypad(stdscr, TRUE);
	mvaddstr(0, 0, "bench sample");
	move(10, 0);
	refresh();
	while ((key = getch()) != 'q' - 0x60 && key != ERR) {
		answer(key);
		refresh();
	}
	endwin();
	return 0;
}
