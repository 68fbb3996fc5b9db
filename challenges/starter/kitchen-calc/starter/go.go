package main

import (
	"errors"
	"strconv"
)

func Calculate(text string) (int64, error) {
	// So far it understands nothing but a single number.
	value, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, errors.New("syntax error")
	}
	return value, nil
}
