package main

import (
	"bufio"
	"fmt"
	"os"
	"strings"
)

func main() {
	in := bufio.NewReader(os.Stdin)
	name, _ := in.ReadString('\n')
	var stop, minutes int
	fmt.Fscan(in, &stop, &minutes)

	when := fmt.Sprintf("in %d minutes", minutes)
	switch minutes {
	case 0:
		when = "now"
	case 1:
		when = "in 1 minute"
	}
	fmt.Printf("Good morning, %s!\n", strings.TrimSuffix(name, "\n"))
	fmt.Printf("Your train leaves %s from coach stop %d.\n", when, stop)
}
