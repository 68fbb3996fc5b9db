#include "kodelab.h"

/* A coach has this many seats, and so many of them are taken. How many are left? */
int seats_left(int seats, int taken)
{
	return seats + taken;
}
