#include "kodelab.h"

double *frost_average(struct double_array readings)
{
	static double average; /* static: it is still there after the return */
	double sum = 0;
	int count = 0;

	for (size_t i = 0; i < readings.len; i++) {
		if (readings.data[i] < 0) {
			sum += readings.data[i];
			count++;
		}
	}
	if (count == 0)
		return NULL;
	average = sum / count;
	return &average;
}
