package main

import (
	"errors"
	"sort"
)

func MergeShifts(shifts [][]int) ([][]int, error) {
	for _, shift := range shifts {
		if shift[1] <= shift[0] {
			return nil, errors.New("bad shift")
		}
	}
	sort.Slice(shifts, func(i, j int) bool { return shifts[i][0] < shifts[j][0] })

	var lit [][]int
	for _, shift := range shifts {
		if len(lit) == 0 || shift[0] > lit[len(lit)-1][1] {
			lit = append(lit, shift)
		} else if last := lit[len(lit)-1]; shift[1] > last[1] {
			last[1] = shift[1]
		}
	}
	return lit, nil
}
