package main

import (
	"io"
	"os"
)

func main() {
	// os.Args[0] is the program itself; the arguments follow it.
	_ = os.Args[1:]

	text, _ := io.ReadAll(os.Stdin)
	os.Stdout.Write(text) // turn the letters; what if the argument is bad?
}
