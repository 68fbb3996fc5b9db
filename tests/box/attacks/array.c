char everything[2000000000] = { 1 };
int main(void)
{
	return everything[5];
}
