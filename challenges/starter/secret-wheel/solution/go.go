package main

import (
	"fmt"
	"io"
	"os"
	"strconv"
)

func turn(b byte, shift int64) byte {
	for _, first := range []byte{'a', 'A'} {
		if b >= first && b < first+26 {
			return first + byte((int64(b-first)+shift)%26)
		}
	}
	return b
}

func main() {
	var shift int64
	err := fmt.Errorf("usage: wheel SHIFT")
	if len(os.Args) == 2 {
		shift, err = strconv.ParseInt(os.Args[1], 10, 64)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	shift = (shift%26 + 26) % 26 // % keeps the sign, so lift it to 0..25

	text, _ := io.ReadAll(os.Stdin)
	for i, b := range text {
		text[i] = turn(b, shift)
	}
	os.Stdout.Write(text)
}
