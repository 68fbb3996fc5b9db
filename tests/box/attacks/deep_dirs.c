/* A tree too deep to be named. */
#include "attack.h"

int main(void)
{
	for (int depth = 0; depth < 3000; depth++)
		if (mkdir("deeper", 0700) < 0 || chdir("deeper") < 0)
			break;
	return 0;
}
