// Of all the seats, some are taken.
// How many are left?
int seats_left(int seats, int taken)
{
	return seats + taken;
}
