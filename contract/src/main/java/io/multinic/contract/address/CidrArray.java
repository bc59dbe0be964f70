package io.multinic.contract.address;

import java.util.AbstractList;
import java.util.Arrays;
import java.util.Objects;
import java.util.RandomAccess;
import org.jspecify.annotations.Nullable;

/// A list of CIDRs in arrays of primitives: 10 bytes for each of IPv4 and 18 for each of IPv6, instead of about 60.
///
/// Elements can be added at the end until the owner shares the list; nothing else changes.
public final class CidrArray extends AbstractList<Cidr> implements RandomAccess {
    private static final int IPV6 = 0x100;
    private static final int PREFIX = 0xff;
    private static final int FIRST_CAPACITY = 8;

    private int size;
    private short[] kinds = new short[0];
    private long[] low = new long[0];
    /// Null as long as all elements are IPv4.
    private long @Nullable [] high;

    @Override
    public boolean add(Cidr cidr) {
        return add(cidr.network(), cidr.prefixLength());
    }

    /// Adds an address as a CIDR of its full length.
    public boolean add(IpAddress address) {
        return add(address, address.family().bits());
    }

    private boolean add(IpAddress network, int prefixLength) {
        if (size == kinds.length) {
            resize(Math.max(FIRST_CAPACITY, size + (size >> 1)));
        }
        boolean ipv6 = network.family() == IpFamily.IPV6;
        if (ipv6 && high == null) {
            high = new long[kinds.length];
        }
        kinds[size] = (short) (prefixLength | (ipv6 ? IPV6 : 0));
        low[size] = network.low();
        if (high != null) {
            high[size] = network.high();
        }
        size++;
        return true;
    }

    private void resize(int capacity) {
        kinds = Arrays.copyOf(kinds, capacity);
        low = Arrays.copyOf(low, capacity);
        if (high != null) {
            high = Arrays.copyOf(high, capacity);
        }
    }

    /// Releases the room for further elements.
    public void trim() {
        if (kinds.length > size) {
            resize(size);
        }
    }

    @Override
    public Cidr get(int index) {
        return new Cidr(address(index), kinds[index] & PREFIX);
    }

    /// The network address of an element.
    public IpAddress address(int index) {
        Objects.checkIndex(index, size);
        boolean ipv6 = (kinds[index] & IPV6) != 0;
        return new IpAddress(ipv6 ? IpFamily.IPV6 : IpFamily.IPV4, high == null ? 0 : high[index], low[index]);
    }

    @Override
    public int size() {
        return size;
    }

    /// Compares two elements in the order of [Cidr], without creating them.
    public int compare(int index, CidrArray other, int otherIndex) {
        int result = Integer.compare(kinds[index] & IPV6, other.kinds[otherIndex] & IPV6);
        if (result == 0) {
            result = Long.compareUnsigned(
                    high == null ? 0 : high[index], other.high == null ? 0 : other.high[otherIndex]);
        }
        if (result == 0) {
            result = Long.compareUnsigned(low[index], other.low[otherIndex]);
        }
        return result != 0 ? result : Integer.compare(kinds[index] & PREFIX, other.kinds[otherIndex] & PREFIX);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        if (!(other instanceof CidrArray array)) {
            return super.equals(other);
        }
        if (size != array.size) {
            return false;
        }
        for (int i = 0; i < size; i++) {
            if (compare(i, array, i) != 0) {
                return false;
            }
        }
        return true;
    }

    @Override
    public int hashCode() {
        return super.hashCode();
    }
}
