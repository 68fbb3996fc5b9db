package main

import (
	"bufio"
	"fmt"
	"os"
	"strings"
)

func main() {
	in := bufio.NewReader(os.Stdin)
	line, _ := in.ReadString('\n')
	name := strings.TrimSuffix(line, "\n")
	var stop, minutes int
	fmt.Fscan(in, &stop, &minutes)

	fmt.Printf("Good morning, %s!\n", name)
	// Now say when the train leaves.
}
