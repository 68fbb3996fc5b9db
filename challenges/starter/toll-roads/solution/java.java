import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

class Solution {
	private record Trip(long paid, int used, int town) {}

	static Long cheapestTrip(int towns, Road[] roads, int coupons) {
		List<List<Road>> exits = new ArrayList<>();
		for (int town = 0; town < towns; town++)
			exits.add(new ArrayList<>());
		for (Road road : roads) {
			exits.get(road.a()).add(road);
			exits.get(road.b()).add(road);
		}

		// Dijkstra; a place is a town together with the coupons used so far.
		boolean[][] done = new boolean[coupons + 1][towns];
		PriorityQueue<Trip> trips = new PriorityQueue<>(Comparator.comparingLong(Trip::paid));
		trips.add(new Trip(0, 0, 0));
		while (!trips.isEmpty()) {
			Trip trip = trips.remove();
			if (trip.town == towns - 1)
				return trip.paid;
			if (done[trip.used][trip.town])
				continue;
			done[trip.used][trip.town] = true;
			for (Road road : exits.get(trip.town)) {
				int there = road.a() == trip.town ? road.b() : road.a();
				trips.add(new Trip(trip.paid + road.toll(), trip.used, there));
				if (trip.used < coupons)
					trips.add(new Trip(trip.paid, trip.used + 1, there));
			}
		}
		return null;
	}
}
