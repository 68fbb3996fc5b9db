package main

import (
	"bufio"
	"container/heap"
	"fmt"
	"os"
	"sort"
)

// Heap lends sort.IntSlice the two methods that container/heap wants.
type Heap struct{ sort.IntSlice }

func (h *Heap) Push(x any) { h.IntSlice = append(h.IntSlice, x.(int)) }

func (h *Heap) Pop() any {
	last := h.IntSlice[h.Len()-1]
	h.IntSlice = h.IntSlice[:h.Len()-1]
	return last
}

func main() {
	in := bufio.NewReader(os.Stdin)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()

	var jobs, rules int
	fmt.Fscan(in, &jobs, &rules)
	then := make([][]int, jobs+1) // who waits for this job
	waits := make([]int, jobs+1)  // for how many others it waits
	for i := 0; i < rules; i++ {
		var before, after int
		fmt.Fscan(in, &before, &after)
		then[before] = append(then[before], after)
		waits[after]++
	}

	free := &Heap{}
	for job := 1; job <= jobs; job++ {
		if waits[job] == 0 {
			heap.Push(free, job)
		}
	}
	var plan []any
	for free.Len() > 0 {
		job := heap.Pop(free).(int)
		plan = append(plan, job)
		for _, after := range then[job] {
			if waits[after]--; waits[after] == 0 {
				heap.Push(free, after)
			}
		}
	}
	if len(plan) < jobs {
		plan = []any{"impossible"}
	}
	fmt.Fprintln(out, plan...)
}
