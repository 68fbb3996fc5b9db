int seats_left(int seats, int taken)
{
	return seats - taken;
}
