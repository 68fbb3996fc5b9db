package main

import "errors"

func MergeShifts(shifts [][]int) ([][]int, error) {
	for _, shift := range shifts {
		if shift[1] <= shift[0] {
			return nil, errors.New("bad shift")
		}
	}
	return shifts, nil
}
