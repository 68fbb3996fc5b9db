package main

import "container/heap"

// Trip reaches a town after using some coupons.
type Trip struct {
	paid       int64
	used, town int
}

type Trips []Trip

func (t Trips) Len() int           { return len(t) }
func (t Trips) Less(i, j int) bool { return t[i].paid < t[j].paid }
func (t Trips) Swap(i, j int)      { t[i], t[j] = t[j], t[i] }
func (t *Trips) Push(trip any)     { *t = append(*t, trip.(Trip)) }

func (t *Trips) Pop() any {
	last := (*t)[len(*t)-1]
	*t = (*t)[:len(*t)-1]
	return last
}

func CheapestTrip(towns int, roads []Road, coupons int) *int64 {
	exits := make([][]Road, towns)
	for _, road := range roads {
		exits[road.A] = append(exits[road.A], road)
		exits[road.B] = append(exits[road.B], road)
	}

	// Dijkstra; a place is a town together with the coupons used so far.
	type place struct{ used, town int }
	done := map[place]bool{}
	trips := &Trips{{0, 0, 0}}
	for trips.Len() > 0 {
		trip := heap.Pop(trips).(Trip)
		if trip.town == towns-1 {
			return &trip.paid
		}
		here := place{trip.used, trip.town}
		if done[here] {
			continue
		}
		done[here] = true
		for _, road := range exits[trip.town] {
			there := road.A + road.B - trip.town // the other end
			heap.Push(trips, Trip{trip.paid + int64(road.Toll), trip.used, there})
			if trip.used < coupons {
				heap.Push(trips, Trip{trip.paid, trip.used + 1, there})
			}
		}
	}
	return nil
}
