package io.multinic.ipam.config;

import com.nimbusds.jose.proc.JWSKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import io.multinic.contract.trust.Credentials;
import io.multinic.ipam.metrics.IpamMetrics;
import io.multinic.ipam.security.ApiServerKeySource;
import io.multinic.ipam.security.CallerTokenConverter;
import io.multinic.ipam.security.KeyFiles;
import io.multinic.ipam.security.RefusalHandler;
import io.multinic.ipam.security.RequestAuthorization;
import io.multinic.ipam.security.TokenValidator;
import jakarta.servlet.DispatcherType;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.authentication.ProviderManager;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configurers.AbstractHttpConfigurer;
import org.springframework.security.config.http.SessionCreationPolicy;
import org.springframework.security.config.observation.SecurityObservationSettings;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.oauth2.jwt.NimbusJwtDecoder;
import org.springframework.security.oauth2.server.resource.authentication.JwtAuthenticationProvider;
import org.springframework.security.oauth2.server.resource.web.authentication.BearerTokenAuthenticationFilter;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.authentication.AnonymousAuthenticationFilter;
import org.springframework.security.web.firewall.HttpFirewall;
import org.springframework.security.web.firewall.StrictHttpFirewall;
import org.springframework.web.servlet.HandlerExceptionResolver;

/// Authentication and authorization of requests.
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(SecurityProperties.class)
class SecurityConfiguration {
    private static final Logger log = LoggerFactory.getLogger(SecurityConfiguration.class);
    private static final String PREFIX = "multi-nic.ipam.security.";
    private static final ApiServerKeySource.RefreshPolicy REFRESH_POLICY =
            new ApiServerKeySource.RefreshPolicy(Duration.ofSeconds(10), Duration.ofMinutes(5));

    /// Trusted keys, and the trusted issuer.
    private record Trust(JWSKeySelector<SecurityContext> keys, TokenValidator.IssuerSource issuer) {}

    @Bean
    RefusalHandler refusals(
            HandlerExceptionResolver handlerExceptionResolver, IpamMetrics metrics, SecurityProperties properties) {
        return new RefusalHandler(handlerExceptionResolver, metrics, properties.audience());
    }

    /// Disables timers for each security filter, which would cost more than the filters; requests are timed as a
    /// whole.
    @Bean
    SecurityObservationSettings securityObservations() {
        return SecurityObservationSettings.noObservations();
    }

    /// Accepts unknown methods, so that they are answered with 405 like those that an operation lacks.
    @Bean
    HttpFirewall httpFirewall() {
        var firewall = new StrictHttpFirewall();
        firewall.setUnsafeAllowAnyHttpMethod(true);
        return firewall;
    }

    @Bean
    SecurityFilterChain securityFilterChain(
            HttpSecurity http, SecurityProperties properties, RefusalHandler refusals, InstantSource clock) {
        // Cookies never authenticate a caller, so cross-site requests cannot act in a user's name.
        http.csrf(AbstractHttpConfigurer::disable)
                .logout(AbstractHttpConfigurer::disable)
                .requestCache(AbstractHttpConfigurer::disable)
                .sessionManagement(sessions -> sessions.sessionCreationPolicy(SessionCreationPolicy.STATELESS));
        if (!properties.on()) {
            log.warn("authentication is off: every caller may do everything; to turn it on, set"
                    + " multi-nic.ipam.security.issuer or .keys");
            return http.authorizeHttpRequests(requests -> requests.anyRequest().permitAll())
                    .build();
        }
        var tokens = new JwtAuthenticationProvider(decoder(properties, clock));
        tokens.setJwtAuthenticationConverter(
                new CallerTokenConverter(properties.roles().subjects()));
        var bearer = new BearerTokenAuthenticationFilter(new ProviderManager(tokens));
        bearer.setAuthenticationFailureHandler(refusals);
        return http.addFilterBefore(bearer, AnonymousAuthenticationFilter.class)
                .exceptionHandling(
                        refused -> refused.authenticationEntryPoint(refusals).accessDeniedHandler(refusals))
                .authorizeHttpRequests(requests -> requests
                        // An error page belongs to a request that was authorized.
                        .dispatcherTypeMatchers(DispatcherType.ERROR)
                        .permitAll()
                        .anyRequest()
                        .access(new RequestAuthorization()))
                .build();
    }

    private static JwtDecoder decoder(SecurityProperties properties, InstantSource clock) {
        Path keys = properties.keys();
        Trust trust = keys == null ? apiServer(properties, clock) : keyFiles(properties, keys);
        var processor = new DefaultJWTProcessor<SecurityContext>();
        processor.setJWSKeySelector(trust.keys());
        processor.setJWTClaimsSetVerifier((_, _) -> {}); // TokenValidator reports the fault and its remedy
        var decoder = new NimbusJwtDecoder(processor);
        decoder.setJwtValidator(new TokenValidator(trust.issuer(), properties.audience(), clock));
        return decoder;
    }

    private static Trust keyFiles(SecurityProperties properties, Path keys) {
        if (properties.jwksUri() != null) {
            throw new InvalidConfigurationPropertyValueException(
                    PREFIX + "jwks-uri", properties.jwksUri(), "keys is set too: choose one of the two");
        }
        var files = new KeyFiles(keys);
        try {
            log.atInfo()
                    .addKeyValue("keys", keys)
                    .addKeyValue("count", files.keys().size())
                    .log("authentication is on: tokens must be signed with these keys");
        } catch (IOException e) {
            throw new InvalidConfigurationPropertyValueException(PREFIX + "keys", keys, String.valueOf(e.getMessage()));
        }
        return new Trust(files, () -> properties.issuer().isEmpty() ? null : properties.issuer());
    }

    private static Trust apiServer(SecurityProperties properties, InstantSource clock) {
        if (!"https".equals(properties.keyServer().getScheme())) {
            throw new InvalidConfigurationPropertyValueException(
                    PREFIX + "jwks-uri", properties.keyServer(), "keys that count must come by https");
        }
        var credentials = new Credentials(properties.keyServerToken(), properties.keyServerCa());
        var server = new ApiServerKeySource(properties.keyServer(), credentials, REFRESH_POLICY, clock);
        log.atInfo()
                .addKeyValue("keys", properties.keyServer())
                .addKeyValue(
                        "issuer",
                        properties.issuer().isEmpty() ? "as announced by the API server" : properties.issuer())
                .log("authentication is on: tokens must be signed by this API server");
        return new Trust(server.keySelector(), properties.issuer().isEmpty() ? server::issuer : properties::issuer);
    }
}
