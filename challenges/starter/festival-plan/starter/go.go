package main

import (
	"bufio"
	"fmt"
	"os"
)

func main() {
	in := bufio.NewReader(os.Stdin)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()

	var jobs, rules int
	fmt.Fscan(in, &jobs, &rules)
	for i := 0; i < rules; i++ {
		var before, after int
		fmt.Fscan(in, &before, &after)
		// remember this rule
	}

	for job := 1; job <= jobs; job++ {
		fmt.Fprintln(out, job)
	}
}
