package io.multinic.ipam.config;

import io.multinic.ipam.rest.problem.ServerErrorHandler;
import io.multinic.ipam.rest.strict.JsonHandlerMapping;
import io.multinic.ipam.rest.strict.StrictParameters;
import io.multinic.ipam.rest.strict.TraceRejectingHandler;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.springframework.boot.jetty.servlet.JettyServletWebServerFactory;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.boot.webmvc.autoconfigure.WebMvcRegistrations;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;

/// Web server: parsing of requests, error responses, and certificates.
@Configuration(proxyBeanMethods = false)
class WebConfiguration {
    /// Length of the accept queue: when a replica stops, its agents connect to the others all at once.
    private static final int ACCEPT_QUEUE = 1024;

    @Bean
    WebMvcConfigurer strictParameters() {
        return new WebMvcConfigurer() {
            @Override
            public void addInterceptors(InterceptorRegistry registry) {
                registry.addInterceptor(new StrictParameters()).addPathPatterns("/api/**");
            }
        };
    }

    @Bean
    WebMvcRegistrations mappings() {
        return new WebMvcRegistrations() {
            @Override
            public RequestMappingHandlerMapping getRequestMappingHandlerMapping() {
                return new JsonHandlerMapping();
            }
        };
    }

    @Bean
    WebServerFactoryCustomizer<JettyServletWebServerFactory> serverEdge() {
        return factory -> factory.addServerCustomizers(server -> {
            server.setErrorHandler(new ServerErrorHandler());
            server.setHandler(new TraceRejectingHandler(server.getHandler()));
            for (Connector connector : server.getConnectors()) {
                skipServerNameCheck(connector);
                ((ServerConnector) connector).setAcceptQueueSize(ACCEPT_QUEUE);
            }
        });
    }

    /// Accepts any server name: the kubelet's probes connect to the pod's address, which no certificate contains.
    /// The name does not authenticate the caller, and clients check the certificate themselves.
    private static void skipServerNameCheck(Connector connector) {
        var http = connector.getConnectionFactory(HttpConnectionFactory.class);
        var secure = http.getHttpConfiguration().getCustomizer(SecureRequestCustomizer.class);
        if (secure != null) {
            secure.setSniHostCheck(false);
        }
    }

    /// Reloads a certificate that has changed on disk, for new connections: Spring Boot renews the bundle, but does
    /// not update Jetty.
    @Bean
    WebServerFactoryCustomizer<JettyServletWebServerFactory> renewedCertificates(SslBundles bundles) {
        return factory -> factory.addServerCustomizers(server -> server.getContainedBeans(
                        SslContextFactory.Server.class)
                .forEach(tls -> bundles.addBundleUpdateHandler(TlsDefaults.BUNDLE, bundle -> reload(tls, bundle))));
    }

    private static void reload(SslContextFactory.Server tls, SslBundle bundle) {
        try {
            tls.reload(factory -> factory.setSslContext(bundle.createSslContext()));
        } catch (Exception e) {
            throw new IllegalStateException("the renewed certificate cannot be used", e);
        }
    }
}
